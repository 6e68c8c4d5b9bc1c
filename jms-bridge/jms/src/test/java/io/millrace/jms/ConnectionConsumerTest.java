package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.send;
import static io.millrace.jms.TestProvider.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 6.1.8 and 6.2.15: what application servers receive messages by. */
class ConnectionConsumerTest {
    private final TestProvider provider = new TestProvider();
    private final List<Pool> pools = new ArrayList<>();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
        pools.forEach(pool -> pool.threads.shutdownNow());
    }

    @Test
    void sessionsOfThePoolGetEveryMessageOnceAndAcknowledgeIt() throws JMSException {
        var connection = provider.started();
        var seen = new CopyOnWriteArrayList<String>();
        var pool = pool(connection, 3, Session.AUTO_ACKNOWLEDGE, message -> seen.add(textOf(message)));
        String[] texts = new String[100];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "m" + i;
        }

        connection.createConnectionConsumer(queue("q"), null, pool, 7);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", texts);

        eventually("all messages", () -> provider.cluster.settledCount("q") == 100);
        assertThat(seen).containsExactlyInAnyOrder(texts);
    }

    @Test
    void oneSessionGetsNoMoreThanItsLoadAndNoMoreIsAcquiredAhead() throws Exception {
        var connection = provider.started();
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> {
            entered.countDown();
            await(release);
        });
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < 50; i++) {
            send(sender, "q", "m" + i);
        }

        connection.createConnectionConsumer(queue("q"), null, pool, 4);
        assertThat(entered.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();

        // A batch that is being delivered, one that waits for a session, and as many ahead.
        assertThat(provider.cluster.acquiredCount("q")).isLessThanOrEqualTo(12);
        release.countDown();
        eventually("all messages", () -> provider.cluster.settledCount("q") == 50);
        assertThat(pool.loadMax.get()).isBetween(1, 4);
    }

    @Test
    void aTopicIsConsumedWithASelector() throws JMSException {
        var connection = provider.started();
        var seen = new CopyOnWriteArrayList<String>();
        var pool = pool(connection, 1, Session.DUPS_OK_ACKNOWLEDGE, message -> seen.add(textOf(message)));
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        var topic = sender.createTopic("t");

        connection.createConnectionConsumer(topic, "i > 1", pool, 10);
        var producer = sender.createProducer(topic);
        for (int i = 0; i < 4; i++) {
            Message message = sender.createTextMessage("m" + i);
            message.setIntProperty("i", i);
            producer.send(message);
        }

        eventually("the messages that match", () -> seen.equals(List.of("m2", "m3")));
    }

    @Test
    void subscriptionsThatBrokersKeepAreConsumed() throws JMSException {
        var connection = provider.opened(provider.factory().createConnection());
        connection.setClientID("shop");
        connection.start();
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        var topic = sender.createTopic("t");
        var seen = new CopyOnWriteArrayList<String>();
        var durable = pool(connection, 2, Session.AUTO_ACKNOWLEDGE, message -> seen.add("durable " + textOf(message)));
        var shared = pool(connection, 2, Session.AUTO_ACKNOWLEDGE, message -> seen.add("shared " + textOf(message)));
        var both = pool(connection, 2, Session.AUTO_ACKNOWLEDGE, message -> seen.add("both " + textOf(message)));

        var first = connection.createDurableConnectionConsumer(topic, "audit", "i > 1", durable, 3);
        connection.createSharedConnectionConsumer(topic, "visitors", null, shared, 3);
        connection.createSharedDurableConnectionConsumer(topic, "workers", null, both, 3);
        sendNumbered(sender, topic, 1, 2);

        eventually("all copies", () -> seen.size() == 5);
        assertThat(seen).containsExactlyInAnyOrder("durable m2", "shared m1", "shared m2", "both m1", "both m2");
        assertThatThrownBy(() -> connection.createDurableConnectionConsumer(topic, "audit", "i > 1", durable, 3))
                .isInstanceOf(JMSException.class);
        first.close();
    }

    @Test
    void aDurableConnectionConsumerGetsWhatWasSentWhileThereWasNone() throws JMSException {
        var connection = provider.opened(provider.factory().createConnection());
        connection.setClientID("shop");
        connection.start();
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        var topic = sender.createTopic("t");
        connection.createSession().createDurableConsumer(topic, "audit").close();
        sendNumbered(sender, topic, 1);
        var seen = new CopyOnWriteArrayList<String>();
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> seen.add(textOf(message)));

        connection.createDurableConnectionConsumer(topic, "audit", null, pool, 1);

        eventually("the message", () -> seen.equals(List.of("m1")));
    }

    @Test
    void aDurableConnectionConsumerNeedsAClientIdAPoolAndATopicThatStays() throws JMSException {
        var connection = provider.started();
        var session = connection.createSession();
        var topic = session.createTopic("t");
        var temporary = session.createTemporaryTopic();
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> {});

        assertThatThrownBy(() -> connection.createDurableConnectionConsumer(topic, "audit", null, pool, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("client id");
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(topic, "", null, pool, 1))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(topic, "n", null, null, 1))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection.createSharedConnectionConsumer(temporary, "n", null, pool, 1))
                .isInstanceOf(InvalidDestinationException.class);
    }

    private static void sendNumbered(Session session, Topic topic, int... numbers) throws JMSException {
        try (var producer = session.createProducer(topic)) {
            for (int number : numbers) {
                Message message = session.createTextMessage("m" + number);
                message.setIntProperty("i", number);
                producer.send(message);
            }
        }
    }

    @Test
    void aMessageWhoseListenerThrowsComesAgainMarked() throws JMSException {
        for (boolean isQueue : new boolean[] {true, false}) {
            var connection = provider.started();
            var counts = new CopyOnWriteArrayList<Integer>();
            var pool = pool(connection, 2, Session.AUTO_ACKNOWLEDGE, message -> {
                counts.add(countOf(message));
                if (counts.size() < 3) {
                    throw new IllegalArgumentException("not yet");
                }
            });
            var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
            var destination = isQueue ? sender.createQueue("again") : sender.createTopic("again-t");

            connection.createConnectionConsumer(destination, null, pool, 5);
            sender.createProducer(destination).send(sender.createTextMessage("a"));

            eventually("the third delivery", () -> counts.equals(List.of(1, 2, 3)));
        }
        eventually("its acknowledgement", () -> provider.cluster.settledCount("again") == 1);
    }

    @Test
    void aTransactedSessionCommitsAndRollsBackWhatItsListenerGot() throws JMSException {
        var connection = provider.started();
        var counts = new CopyOnWriteArrayList<Integer>();
        var pool = new Pool[1];
        pool[0] = pool(connection, 1, Session.SESSION_TRANSACTED, message -> {
            counts.add(countOf(message));
            try {
                if (counts.size() == 1) {
                    pool[0].session(0).rollback();
                } else {
                    pool[0].session(0).commit();
                }
            } catch (JMSException e) {
                throw new JMSRuntimeException(e.getMessage());
            }
        });

        connection.createConnectionConsumer(queue("q"), null, pool[0], 5);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");

        eventually("the commit", () -> provider.cluster.settledCount("q") == 1);
        assertThat(counts).containsExactly(1, 2);
    }

    @Test
    void nothingIsDeliveredWhileTheConnectionIsStopped() throws JMSException {
        var connection = provider.connection();
        var seen = new CopyOnWriteArrayList<String>();
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> seen.add(textOf(message)));
        var consumer = connection.createConnectionConsumer(queue("q"), null, pool, 1);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");
        eventually("the message's arrival", () -> provider.cluster.acquiredCount("q") == 1);
        assertThat(seen).isEmpty();

        connection.start();

        eventually("the message", () -> seen.equals(List.of("a")));
        assertThat(consumer.getServerSessionPool()).isSameAs(pool);
    }

    @Test
    void whatIsNotDeliveredGoesBackWhenTheConsumerCloses() throws Exception {
        var connection = provider.started();
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> {
            entered.countDown();
            await(release);
        });
        var consumer = connection.createConnectionConsumer(queue("q"), null, pool, 1);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b", "c");
        assertThat(entered.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();

        consumer.close();
        consumer.close();
        release.countDown();

        assertThatThrownBy(consumer::getServerSessionPool).isInstanceOf(IllegalStateException.class);
        eventually("the first message", () -> provider.cluster.settledCount("q") == 1);
        var other = provider.session(Session.AUTO_ACKNOWLEDGE);
        var rest = other.createConsumer(other.createQueue("q"));
        assertThat(List.of(TestProvider.receive(rest), TestProvider.receive(rest)))
                .containsExactlyInAnyOrder("b", "c");
    }

    @Test
    void aPoolThatFailsIsToldToTheExceptionListenerAndAskedAgain() throws JMSException {
        var connection = provider.started();
        var told = new CopyOnWriteArrayList<JMSException>();
        connection.setExceptionListener(told::add);
        var seen = new CopyOnWriteArrayList<Integer>();
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> seen.add(countOf(message)));
        pool.failures.set(3);

        connection.createConnectionConsumer(queue("q"), null, pool, 1);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");

        eventually("the message", () -> seen.equals(List.of(1)));
        assertThat(told).hasSize(1);
        assertThat(told.get(0)).hasMessageContaining("the pool is empty");
    }

    @Test
    void closingTheConnectionGivesBackWhatAPoolHasNoSessionFor() throws JMSException {
        var connection = provider.started();
        var asked = new CountDownLatch(1);
        var forEver = new CountDownLatch(1);
        ServerSessionPool pool = () -> {
            asked.countDown();
            await(forEver);
            throw new JMSException("the pool was closed");
        };
        connection.createConnectionConsumer(queue("q"), null, pool, 2);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");
        await(asked);

        forEver.countDown();
        connection.close();

        eventually("both messages on the queue", () -> provider.cluster.acquiredCount("q") == 0);
        assertThat(provider.cluster.settledCount("q")).isZero();
    }

    @Test
    void aSessionRunsItsListenerOnTheCallersThread() throws JMSException {
        var connection = provider.started();
        var session = connection.createSession();
        assertThat(session.getMessageListener()).isNull();
        assertThatThrownBy(session::run)
                .isInstanceOf(JMSRuntimeException.class)
                .hasMessageContaining("no message listener");
        MessageListener listener = message -> {};

        session.setMessageListener(listener);

        assertThat(session.getMessageListener()).isSameAs(listener);
        session.run();
        var consumer = session.createConsumer(session.createQueue("q"));
        assertThatThrownBy(() -> consumer.receive(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aListenerCannotCloseItsSession() throws JMSException {
        var connection = provider.started();
        var failures = new CopyOnWriteArrayList<Throwable>();
        var pool = new Pool[1];
        pool[0] = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> {
            try {
                pool[0].session(0).close();
            } catch (JMSException e) {
                failures.add(e);
            }
        });

        connection.createConnectionConsumer(queue("q"), null, pool[0], 1);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");

        eventually("the refusal", () -> failures.size() == 1);
        assertThat(failures.get(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrongArgumentsAreRefused() throws JMSException {
        var connection = provider.started();
        var pool = pool(connection, 1, Session.AUTO_ACKNOWLEDGE, message -> {});

        assertThatThrownBy(() -> connection.createConnectionConsumer(queue("q"), null, pool, 0))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("maxMessages is 0");
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue("q"), null, null, 1))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("pool");
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue("q"), "a =", pool, 1))
                .isInstanceOf(InvalidSelectorException.class);
    }

    private static jakarta.jms.Queue queue(String name) {
        return new MillraceQueue(name);
    }

    private Pool pool(Connection connection, int size, int mode, MessageListener listener) throws JMSException {
        Pool pool = new Pool(size);
        for (int i = 0; i < size; i++) {
            Session session = connection.createSession(mode);
            pool.add(session, message -> {
                pool.load.incrementAndGet();
                listener.onMessage(message);
            });
        }
        pools.add(pool);
        return pool;
    }

    private static String textOf(Message message) {
        try {
            return text(message);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static int countOf(Message message) {
        try {
            return message.getIntProperty("JMSXDeliveryCount");
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(SOON_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As an application server has one: sessions wait in it, each is run by a thread of it, and comes back. */
    private static final class Pool implements ServerSessionPool {
        final ExecutorService threads = Executors.newCachedThreadPool();
        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger load = new AtomicInteger();
        final AtomicInteger loadMax = new AtomicInteger();
        private final List<Session> sessions = new ArrayList<>();
        private final BlockingQueue<ServerSession> free;

        Pool(int size) {
            free = new ArrayBlockingQueue<>(size);
        }

        void add(Session session, MessageListener listener) throws JMSException {
            session.setMessageListener(listener);
            sessions.add(session);
            free.add(new ServerSession() {
                @Override
                public Session getSession() {
                    return session;
                }

                @Override
                public void start() {
                    ServerSession self = this;
                    threads.execute(() -> {
                        int before = load.get();
                        session.run();
                        loadMax.accumulateAndGet(load.get() - before, Math::max);
                        free.add(self);
                    });
                }
            });
        }

        Session session(int index) {
            return sessions.get(index);
        }

        @Override
        public ServerSession getServerSession() throws JMSException {
            if (failures.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
                throw new JMSException("the pool is empty");
            }
            try {
                ServerSession session = free.poll(SOON_MS, TimeUnit.MILLISECONDS);
                if (session == null) {
                    throw new JMSException("no session came back");
                }
                return session;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new JMSException("interrupted");
            }
        }
    }
}
