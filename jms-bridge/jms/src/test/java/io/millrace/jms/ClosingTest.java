package io.millrace.jms;

import static io.millrace.jms.TestProvider.NOT_MS;
import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Chapters 6.1.8, 6.2.15 and 8.8: closing from any thread, while others receive, listen or close. What is left behind, a thread or a client, the
 * provider of the tests finds.
 */
@Timeout(60)
class ClosingTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    /** What is closed, for the three that are. */
    private record Closing(String name, Step close) {
        static List<Closing> ways(Connection connection, Session session, MessageConsumer consumer) {
            return List.of(
                    new Closing("the consumer", consumer::close),
                    new Closing("its session", session::close),
                    new Closing("its connection", connection::close));
        }
    }

    @Test
    void aReceiveInAnotherThreadEndsWithoutAMessage() throws Exception {
        for (int way = 0; way < 3; way++) {
            Connection connection = provider.started();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("empty"));
            var receiving = new FutureTask<>(consumer::receive);
            Thread receiver = started(receiving);
            eventually("the receiver's wait", () -> receiver.getState() == Thread.State.TIMED_WAITING);

            Closing closing = Closing.ways(connection, session, consumer).get(way);
            closing.close().run();

            assertThat(receiving.get(SOON_MS, TimeUnit.MILLISECONDS))
                    .as("received while %s closes", closing.name())
                    .isNull();
        }
    }

    /** However late the receive is that closing meets: what it has returned is acknowledged, and comes to nobody else. */
    @Test
    void whatAReceiveHasReturnedWhileItsConsumerClosesDoesNotComeAgain() throws Exception {
        int messages = 300;
        Session sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < messages; i++) {
            send(sender, "q", "m" + i);
        }
        List<String> got = new ArrayList<>();
        for (int round = 0; got.size() < messages; round++) {
            Connection connection = provider.started();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
            var receiving = new FutureTask<>(() -> receiveUntilClosed(consumer, got));
            Thread receiver = started(receiving);
            int before = got.size();
            int wanted = round % 5;
            eventually("a few messages", () -> size(got) >= Math.min(messages, before + wanted));

            Closing.ways(connection, session, consumer).get(round % 3).close().run();
            receiving.get(SOON_MS, TimeUnit.MILLISECONDS);
            receiver.join(SOON_MS);
            connection.close();
        }

        assertThat(got).doesNotHaveDuplicates().hasSize(messages);
        assertThat(provider.cluster.settledCount("q")).isEqualTo(messages);
    }

    private static Void receiveUntilClosed(MessageConsumer consumer, List<String> got) throws JMSException {
        try {
            for (String text = receive(consumer); text != null; text = receive(consumer)) {
                synchronized (got) {
                    got.add(text);
                }
            }
        } catch (IllegalStateException ignored) {
            // Closed between two calls.
        }
        return null;
    }

    private static int size(List<String> got) {
        synchronized (got) {
            return got.size();
        }
    }

    @Test
    void closingWaitsForTheListenerWhichMayUseEverythingMeanwhile() throws Exception {
        for (int way = 0; way < 3; way++) {
            String queue = "q" + way;
            Connection connection = provider.started();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            var entered = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            var listening = new FutureTask<Void>(() -> null);
            List<Throwable> thrown = new ArrayList<>();
            consumer.setMessageListener(recording(thrown, message -> {
                entered.countDown();
                goOn.await(SOON_MS, TimeUnit.MILLISECONDS);
                send(session, "answers", "of the session");
                try (Session another = connection.createSession()) {
                    send(another, "answers", "of another session");
                }
                assertThat(connection.getClientID()).isNull();
                message.acknowledge();
                listening.run();
            }));
            send(provider.session(Session.AUTO_ACKNOWLEDGE), queue, "a");
            assertThat(entered.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();

            Closing closing = Closing.ways(connection, session, consumer).get(way);
            var closed = new FutureTask<Void>(() -> {
                closing.close().run();
                return null;
            });
            Thread closer = started(closed);
            closer.join(NOT_MS);
            assertThat(closed.isDone()).as("%s waits", closing.name()).isFalse();
            goOn.countDown();
            closed.get(SOON_MS, TimeUnit.MILLISECONDS);

            assertThat(listening.isDone()).isTrue();
            assertThat(thrown).as("thrown while %s closes", closing.name()).isEmpty();
            assertThat(provider.cluster.settledCount(queue)).isEqualTo(1);
        }
        assertThat(provider.cluster.records("answers")).hasSize(6);
    }

    @FunctionalInterface
    private interface Listening {
        void onMessage(Message message) throws Exception;
    }

    private static MessageListener recording(List<Throwable> thrown, Listening listening) {
        return message -> {
            try {
                listening.onMessage(message);
            } catch (Exception e) {
                thrown.add(e);
            }
        };
    }

    @Test
    void afterClosingTheListenersFacilitiesAreGoneToo() throws Exception {
        Connection connection =
                provider.opened(provider.factory("?closeTimeoutMs=50").createConnection());
        connection.start();
        Session session = connection.createSession();
        var entered = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var refused = new CountDownLatch(1);
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            entered.countDown();
            try {
                goOn.await(SOON_MS, TimeUnit.MILLISECONDS);
                session.createTextMessage("late");
            } catch (IllegalStateException expected) {
                refused.countDown();
            } catch (InterruptedException | JMSException e) {
                throw new AssertionError(e);
            }
        });
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");
        assertThat(entered.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();

        connection.close();
        goOn.countDown();

        assertThat(refused.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Test
    void manyThreadsMayCloseAtOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            Connection connection = provider.started();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
            consumer.setMessageListener(message -> {});
            send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b", "c");
            var go = new CountDownLatch(1);
            List<FutureTask<Void>> closings = new ArrayList<>();
            for (Closing closing : Closing.ways(connection, session, consumer)) {
                for (int thread = 0; thread < 2; thread++) {
                    var task = new FutureTask<Void>(() -> {
                        go.await(SOON_MS, TimeUnit.MILLISECONDS);
                        closing.close().run();
                        return null;
                    });
                    closings.add(task);
                    started(task);
                }
            }

            go.countDown();

            for (FutureTask<Void> closing : closings) {
                closing.get(SOON_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    @Test
    void closingTheConnectionRollsBackAndAcknowledgesNothing() throws JMSException {
        Connection connection = provider.started();
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Session sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(sender, "q", "a");
        send(sender, "r", "b");
        send(transacted, "q", "never");
        assertThat(receive(transacted.createConsumer(transacted.createQueue("q"))))
                .isEqualTo("a");
        assertThat(receive(client.createConsumer(client.createQueue("r")))).isEqualTo("b");

        connection.close();

        assertThat(provider.cluster.settledCount("q")).isZero();
        assertThat(provider.cluster.settledCount("r")).isZero();
        assertThat(provider.cluster.records("q")).hasSize(1);
        assertThat(receive(sender.createConsumer(sender.createQueue("q")))).isEqualTo("a");
        assertThat(receive(sender.createConsumer(sender.createQueue("r")))).isEqualTo("b");
    }

    @Test
    void messagesOutliveTheirConnectionAllButAcknowledging() throws JMSException {
        Connection connection = provider.started();
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        var created = session.createTextMessage("created");
        send(session, "q", "a");
        Message received = session.createConsumer(session.createQueue("q")).receive(SOON_MS);

        connection.close();

        assertThat(TestProvider.text(received)).isEqualTo("a");
        received.clearProperties();
        received.setIntProperty("n", 1);
        assertThatThrownBy(received::acknowledge).isInstanceOf(IllegalStateException.class);
        created.setText("changed");
        Session other = provider.session(Session.AUTO_ACKNOWLEDGE);
        other.createProducer(other.createQueue("r")).send(created);
        assertThat(receive(other.createConsumer(other.createQueue("r")))).isEqualTo("changed");
    }

    private static Thread started(Runnable work) {
        var thread = new Thread(work);
        thread.start();
        return thread;
    }
}
