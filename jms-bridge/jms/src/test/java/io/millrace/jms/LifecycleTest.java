package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.QueueConnection;
import jakarta.jms.Session;
import jakarta.jms.TopicConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapters 6.1 and 6.2: the life of connections and sessions, and what they refuse when. */
class LifecycleTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws JMSException;
    }

    @Test
    void whatIsClosedRefusesEverythingButBeingClosedAgain() throws JMSException {
        Connection connection = provider.started();
        var session = connection.createSession();
        var queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        var consumer = session.createConsumer(queue);

        consumer.close();
        assertIllegal(consumer::receiveNoWait, consumer::getMessageListener, consumer::getMessageSelector);
        producer.close();
        assertIllegal(() -> producer.send(null), producer::getPriority);
        session.close();
        assertIllegal(session::createTextMessage, session::commit, session::recover, () -> session.createQueue("q"));
        connection.close();
        assertIllegal(
                connection::start,
                connection::stop,
                connection::createSession,
                connection::getMetaData,
                connection::getClientID);
        consumer.close();
        producer.close();
        session.close();
        connection.close();
    }

    private static void assertIllegal(Step... steps) {
        for (Step step : steps) {
            assertThatThrownBy(step::run).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void closingTheConnectionEndsAReceiveInAnotherThread() throws Exception {
        Connection connection = provider.started();
        var session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        var received = receivingInAnotherThread(consumer);

        connection.close();

        assertThat(received.get(SOON_MS, TimeUnit.MILLISECONDS)).isNull();
    }

    /** Returns when that thread waits for a message. */
    private static CompletableFuture<Message> receivingInAnotherThread(MessageConsumer consumer) {
        var received = new CompletableFuture<Message>();
        var thread = new Thread(() -> {
            try {
                received.complete(consumer.receive());
            } catch (JMSException e) {
                received.completeExceptionally(e);
            }
        });
        thread.start();
        eventually("the receiver's wait", () -> thread.getState() == Thread.State.TIMED_WAITING);
        return received;
    }

    @Test
    void twoThreadsInOneSessionAreFoundOut() throws Exception {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        MessageConsumer consumer = session.createConsumer(queue);
        var producer = session.createProducer(queue);
        var received = receivingInAnotherThread(consumer);

        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("receive from queue:q")
                .hasMessageContaining("one thread at a time");
        session.close();
        received.get(SOON_MS, TimeUnit.MILLISECONDS);
    }

    @Test
    void connectionsOfEqualFactoriesShareOneClientThatEndsWithTheLast() throws JMSException {
        var first = provider.factory().createConnection();
        int afterFirst = provider.cluster.openCount();
        var second = provider.factory().createConnection();

        assertThat(provider.cluster.openCount()).isEqualTo(afterFirst);
        first.close();
        assertThat(provider.cluster.openCount()).isEqualTo(afterFirst);
        second.close();
        assertThat(provider.cluster.openCount()).isZero();
    }

    @Test
    void aClusterThatDoesNotAnswerIsToldWhenTheConnectionIsMade() {
        provider.cluster.setUnreachable(true);

        assertThatThrownBy(() -> provider.factory("?connectTimeoutMs=50").createConnection())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("in-memory:1");
        assertThat(provider.cluster.openCount()).isZero();
    }

    @Test
    void aClientIdIsSetOnceAndFirst() throws JMSException {
        Connection connection = provider.connection();
        assertThat(connection.getClientID()).isNull();
        assertThatThrownBy(() -> connection.setClientID("")).isInstanceOf(InvalidClientIDException.class);
        connection.setClientID("a");
        assertThat(connection.getClientID()).isEqualTo("a");
        assertThatThrownBy(() -> connection.setClientID("b")).isInstanceOf(IllegalStateException.class);

        Connection used = provider.connection();
        used.start();
        assertThatThrownBy(() -> used.setClientID("c")).isInstanceOf(IllegalStateException.class);

        Connection other = provider.connection();
        assertThatThrownBy(() -> other.setClientID("a")).isInstanceOf(InvalidClientIDException.class);
        connection.close();
        other.setClientID("a");
    }

    @Test
    void aClientIdSetByAdministrationCannotBeChanged() throws JMSException {
        Connection connection =
                provider.opened(provider.factory("?clientId=shop").createConnection());

        assertThat(connection.getClientID()).isEqualTo("shop");
        assertThatThrownBy(() -> connection.setClientID("b")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> provider.factory("?clientId=shop").createConnection())
                .isInstanceOf(InvalidClientIDException.class);
    }

    @Test
    void theMetaDataSayWhatThisIs() throws JMSException {
        var metaData = provider.connection().getMetaData();

        assertThat(metaData.getJMSVersion()).isEqualTo("3.1");
        assertThat(metaData.getJMSProviderName()).isEqualTo("Millrace");
        assertThat(metaData.getProviderVersion())
                .isEqualTo(metaData.getProviderMajorVersion() + "." + metaData.getProviderMinorVersion());
        List<Object> names = new ArrayList<>();
        Enumeration<?> declared = metaData.getJMSXPropertyNames();
        declared.asIterator().forEachRemaining(names::add);
        assertThat(names).contains("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount");
    }

    @Test
    void sessionsOfOneDomainRefuseTheOther() throws JMSException {
        QueueConnection queues = provider.opened(provider.factory().createQueueConnection());
        TopicConnection topics = provider.opened(provider.factory().createTopicConnection());
        var queueSession = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        var topicSession = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);

        assertIllegal(
                () -> queueSession.createTopic("t"),
                queueSession::createTemporaryTopic,
                () -> queueSession.createDurableSubscriber(null, "n"),
                () -> queueSession.unsubscribe("n"),
                () -> topicSession.createQueue("q"),
                () -> topicSession.createBrowser(null),
                topicSession::createTemporaryQueue,
                () -> queues.createDurableConnectionConsumer(null, "n", null, null, 1));
        assertThat(queueSession.createReceiver(queueSession.createQueue("q")).getQueue())
                .isEqualTo(new MillraceQueue("q"));
        assertThat(topicSession.createSubscriber(topicSession.createTopic("t")).getTopic())
                .isEqualTo(new MillraceTopic("t"));
    }

    @Test
    void sessionModesAreChecked() throws JMSException {
        Connection connection = provider.connection();

        assertThat(connection.createSession(true, 99).getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
        assertThat(connection.createSession(Session.DUPS_OK_ACKNOWLEDGE).getAcknowledgeMode())
                .isEqualTo(Session.DUPS_OK_ACKNOWLEDGE);
        assertThat(connection.createSession().getTransacted()).isFalse();
        assertThatThrownBy(() -> connection.createSession(false, Session.SESSION_TRANSACTED))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection.createSession(99)).isInstanceOf(JMSException.class);
    }

    @Test
    void aListenerThatNeverReturnsDoesNotHoldUpCloseForEver() throws Exception {
        Connection connection =
                provider.opened(provider.factory("?closeTimeoutMs=100").createConnection());
        connection.start();
        var session = connection.createSession();
        var release = new java.util.concurrent.CountDownLatch(1);
        var entered = new java.util.concurrent.CountDownLatch(1);
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            entered.countDown();
            try {
                release.await(SOON_MS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        TestProvider.send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a");
        assertThat(entered.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();
        long startNanos = System.nanoTime();

        connection.close();

        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(5));
        release.countDown();
    }
}
