package io.millrace.jms;

import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 8.7 and 6.2.7: message listeners, starting and stopping. */
class ListenerTest {
    private final TestProvider provider = new TestProvider();
    private final List<String> got = new CopyOnWriteArrayList<>();
    private final List<Throwable> thrown = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void aListenerGetsTheMessagesInOrderOnOneThread() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var threads = new CopyOnWriteArrayList<Thread>();
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            threads.add(Thread.currentThread());
            take(message);
        });

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b", "c");

        eventually("three messages", () -> got.size() == 3);
        assertThat(got).containsExactly("a", "b", "c");
        assertThat(threads.stream().distinct()).hasSize(1);
        eventually("their acknowledgement", () -> provider.cluster.settledCount("q") == 3);
    }

    @Test
    void theListenersOfASessionAreNeverCalledAtTheSameTime() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        for (String queue : List.of("q1", "q2")) {
            session.createConsumer(session.createQueue(queue)).setMessageListener(message -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                take(message);
                inside.decrementAndGet();
            });
        }

        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < 50; i++) {
            send(sender, "q1", "a");
            send(sender, "q2", "b");
        }

        eventually("all messages", () -> got.size() == 100);
        assertThat(most.get()).isEqualTo(1);
    }

    @Test
    void nothingIsDeliveredWhileTheConnectionIsStopped() throws JMSException {
        Connection connection = provider.connection();
        var session = connection.createSession();
        var consumer = session.createConsumer(session.createQueue("q"));
        send(session, "q", "a", "b");

        TestProvider.assertNothing(consumer);
        connection.start();
        assertThat(TestProvider.receive(consumer)).isEqualTo("a");
        connection.stop();
        TestProvider.assertNothing(consumer);
        connection.start();
        assertThat(TestProvider.receive(consumer)).isEqualTo("b");
    }

    @Test
    void stopWaitsForTheListenerInProgress() throws Exception {
        Connection connection = provider.started();
        var session = connection.createSession();
        var entered = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            entered.countDown();
            await(goOn);
            take(message);
        });
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");
        await(entered);

        var stopping = new Thread(() -> record(connection::stop));
        stopping.start();
        stopping.join(TestProvider.NOT_MS);
        assertThat(stopping.isAlive()).isTrue();
        goOn.countDown();
        stopping.join(TestProvider.SOON_MS);

        assertThat(stopping.isAlive()).isFalse();
        assertThat(thrown).isEmpty();
        assertThat(got).containsExactly("a");
        connection.start();
        eventually("the second message", () -> got.size() == 2);
    }

    @Test
    void aMessageWhoseListenerThrowsComesAgainMarkedAsRedelivered() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var counts = new CopyOnWriteArrayList<Integer>();
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            record(() -> counts.add(message.getIntProperty("JMSXDeliveryCount")));
            if (counts.size() < 3) {
                throw new java.lang.IllegalStateException("not yet");
            }
            take(message);
        });

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");

        eventually("both messages", () -> got.size() == 2);
        assertThat(got).containsExactly("a", "b");
        assertThat(counts).containsExactly(1, 2, 3, 1);
        eventually("their acknowledgement", () -> provider.cluster.settledCount("q") == 2);
    }

    @Test
    void aTransactedListenerCommitsOrRollsBack() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        var attempts = new AtomicInteger();
        session.createConsumer(session.createQueue("q"))
                .setMessageListener(message -> record(() -> {
                    if (attempts.incrementAndGet() == 1) {
                        session.rollback();
                        return;
                    }
                    take(message);
                    session.commit();
                }));

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");

        eventually("both messages", () -> provider.cluster.settledCount("q") == 2);
        assertThat(got).containsExactly("a", "b");
        assertThat(thrown).isEmpty();
    }

    @Test
    void recoverInAnAutoAcknowledgeListenerDeliversTheMessageAgain() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue("q"))
                .setMessageListener(message -> record(() -> {
                    if (!message.getJMSRedelivered()) {
                        session.recover();
                    } else {
                        take(message);
                    }
                }));

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");

        eventually("the message", () -> got.size() == 1);
        eventually("its acknowledgement", () -> provider.cluster.settledCount("q") == 1);
        assertThat(thrown).isEmpty();
    }

    @Test
    void aListenerMaySendWithItsSession() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue("q"))
                .setMessageListener(
                        message -> record(() -> send(session, "answers", "re:" + TestProvider.text(message))));

        var other = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(other, "q", "a");

        assertThat(TestProvider.receive(other.createConsumer(other.createQueue("answers"))))
                .isEqualTo("re:a");
        assertThat(thrown).isEmpty();
    }

    @Test
    void aListenerMayCloseItsConsumerButNotItsSessionOrConnection() throws JMSException {
        Connection connection = provider.started();
        var session = connection.createSession();
        var consumer = session.createConsumer(session.createQueue("q"));
        consumer.setMessageListener(message -> {
            record(session::close);
            record(connection::close);
            record(connection::stop);
            record(consumer::close);
            take(message);
        });

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");

        eventually("the message", () -> got.size() == 1);
        assertThat(thrown).hasSize(3).allMatch(exception -> exception instanceof IllegalStateException);
        eventually("its acknowledgement", () -> provider.cluster.settledCount("q") == 1);
        var other = provider.session(Session.AUTO_ACKNOWLEDGE);
        assertThat(TestProvider.receive(other.createConsumer(other.createQueue("q"))))
                .isEqualTo("b");
        assertThat(got).containsExactly("a");
    }

    @Test
    void closingASessionWaitsForItsListener() throws Exception {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var entered = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            entered.countDown();
            await(goOn);
            take(message);
        });
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");
        await(entered);

        var closing = new Thread(() -> record(session::close));
        closing.start();
        closing.join(TestProvider.NOT_MS);
        assertThat(closing.isAlive()).isTrue();
        goOn.countDown();
        closing.join(TestProvider.SOON_MS);

        assertThat(closing.isAlive()).isFalse();
        assertThat(got).containsExactly("a");
        assertThat(provider.cluster.settledCount("q")).isEqualTo(1);
    }

    @Test
    void aSessionWithAListenerCannotReceiveByCall() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var listening = session.createConsumer(session.createQueue("q1"));
        var receiving = session.createConsumer(session.createQueue("q2"));
        listening.setMessageListener(this::take);

        assertThatThrownBy(receiving::receiveNoWait).isInstanceOf(IllegalStateException.class);
        listening.setMessageListener(null);
        assertThat(receiving.receiveNoWait()).isNull();
    }

    private void take(Message message) {
        record(() -> got.add(TestProvider.text(message)));
    }

    private void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(TestProvider.SOON_MS, TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private void record(Step step) {
        try {
            step.run();
        } catch (Exception e) {
            thrown.add(e);
        }
    }
}
