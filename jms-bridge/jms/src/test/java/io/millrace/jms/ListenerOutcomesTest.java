package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
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
import org.junit.jupiter.api.Timeout;

/** Chapters 8.7, 6.1.4, 6.1.5 and 6.1.7: what listeners of messages and of exceptions bring about, and when they are called. */
@Timeout(60)
class ListenerOutcomesTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void whereTheApplicationSettlesAListenerThatThrowsGetsTheNextMessage() throws JMSException {
        for (int mode : new int[] {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED}) {
            String queue = "q" + mode;
            Session session = provider.session(mode);
            List<Message> got = new CopyOnWriteArrayList<>();
            session.createConsumer(session.createQueue(queue)).setMessageListener(message -> {
                got.add(message);
                if (got.size() <= 2) {
                    throw new IllegalArgumentException("the listener's defect");
                }
            });
            send(provider.session(Session.AUTO_ACKNOWLEDGE), queue, "a", "b", "c");

            eventually("three messages", () -> got.size() == 3);

            assertThat(got).extracting(TestProvider::text).containsExactly("a", "b", "c");
            assertThat(got).extracting(Message::getJMSRedelivered).containsOnly(false);
            assertThat(provider.cluster.settledCount(queue)).isZero();
            session.close();
        }
    }

    @Test
    void whatAFaultyListenerOfATransactionGotComesAgainAfterARollback() throws JMSException {
        Session session = provider.session(Session.SESSION_TRANSACTED);
        List<String> got = new CopyOnWriteArrayList<>();
        var done = new CountDownLatch(1);
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            try {
                got.add(TestProvider.text(message) + message.getIntProperty("JMSXDeliveryCount"));
                if (got.size() == 1) {
                    throw new IllegalArgumentException("the listener's defect");
                }
                if (got.size() == 2) {
                    session.rollback();
                }
                if (got.size() == 4) {
                    session.commit();
                    done.countDown();
                }
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");

        eventually("the commit", () -> done.getCount() == 0);
        assertThat(got).containsExactly("a1", "b1", "a2", "b2");
        assertThat(provider.cluster.settledCount("q")).isEqualTo(2);
    }

    @Test
    void aListenerMaySendAndSettleWhileItsConnectionStops() throws Exception {
        Connection connection = provider.started();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        var entered = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            try {
                entered.countDown();
                goOn.await(SOON_MS, TimeUnit.MILLISECONDS);
                send(session, "answers", "a");
                session.commit();
            } catch (JMSException | InterruptedException e) {
                thrown.add(e);
            }
        });
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");
        assertThat(entered.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();
        var stopping = new Thread(() -> {
            try {
                connection.stop();
            } catch (JMSException e) {
                thrown.add(e);
            }
        });
        stopping.start();
        eventually("the wait", () -> stopping.getState() == Thread.State.TIMED_WAITING);

        goOn.countDown();
        stopping.join(SOON_MS);

        assertThat(thrown).isEmpty();
        assertThat(provider.cluster.settledCount("q")).isEqualTo(1);
        assertThat(provider.cluster.records("answers")).hasSize(1);
    }

    @Test
    void startingAndStoppingTwiceIsStartingAndStopping() throws JMSException {
        Connection connection = provider.connection();
        Session session = connection.createSession();
        var consumer = session.createConsumer(session.createQueue("q"));
        connection.stop();
        connection.start();
        connection.start();
        send(session, "q", "a", "b");
        assertThat(receive(consumer)).isEqualTo("a");

        connection.stop();
        connection.stop();

        assertNothing(consumer);
        send(session, "q", "while stopped");
        connection.start();
        assertThat(receive(consumer)).isEqualTo("b");
        assertThat(receive(consumer)).isEqualTo("while stopped");
    }

    @Test
    void anExceptionListenerIsCalledByOneThreadAtATime() throws Exception {
        var connection = (MillraceConnection) provider.connection();
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var calls = new AtomicInteger();
        connection.setExceptionListener(exception -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            calls.incrementAndGet();
            inside.decrementAndGet();
        });
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                for (int call = 0; call < 50; call++) {
                    connection.onException(new JMSException("call " + call));
                }
            });
            threads[i].start();
        }

        for (Thread thread : threads) {
            thread.join(SOON_MS);
        }

        assertThat(calls.get()).isEqualTo(200);
        assertThat(most.get()).isEqualTo(1);
    }
}
