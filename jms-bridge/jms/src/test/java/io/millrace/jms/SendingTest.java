package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.DestinationKind;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 7: sending. */
class SendingTest {
    private final TestProvider provider = new TestProvider(4);
    private final List<String> completed = new CopyOnWriteArrayList<>();
    private final List<Exception> failed = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void sendingSetsTheHeaderFieldsAndTheReceiverReadsTheSame() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        var sent = session.createTextMessage("a");
        sent.setJMSReplyTo(session.createTopic("answers"));
        sent.setJMSCorrelationID("c");
        sent.setJMSType("t");
        long before = System.currentTimeMillis();

        session.createProducer(queue).send(sent, DeliveryMode.NON_PERSISTENT, 8, 60_000);
        Message received = session.createConsumer(queue).receive(SOON_MS);

        assertThat(sent.getJMSMessageID()).startsWith("ID:");
        assertThat(sent.getJMSTimestamp()).isBetween(before, System.currentTimeMillis());
        assertThat(sent.getJMSExpiration()).isEqualTo(sent.getJMSTimestamp() + 60_000);
        assertThat(sent.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
        assertThat(received.getJMSTimestamp()).isEqualTo(sent.getJMSTimestamp());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(sent.getJMSTimestamp());
        assertThat(received.getJMSExpiration()).isEqualTo(sent.getJMSExpiration());
        assertThat(received.getJMSPriority()).isEqualTo(8);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSReplyTo()).isEqualTo(new MillraceTopic("answers"));
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSType()).isEqualTo("t");
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    @Test
    void messageIdsDifferAndAreLeftOutOnWish() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        var message = session.createMessage();
        producer.send(message);
        String first = message.getJMSMessageID();
        producer.send(message);
        assertThat(message.getJMSMessageID()).isNotEqualTo(first);

        producer.setDisableMessageID(true);
        producer.setDisableMessageTimestamp(true);
        producer.send(message);

        var consumer = session.createConsumer(queue);
        consumer.receive(SOON_MS);
        consumer.receive(SOON_MS);
        Message received = consumer.receive(SOON_MS);
        assertThat(received.getJMSMessageID()).isNull();
        assertThat(received.getJMSTimestamp()).isZero();
    }

    @Test
    void aSentMessageMayBeChangedAndSentAgain() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        var message = session.createTextMessage("a");

        producer.send(message);
        message.setText("b");
        message.setIntProperty("n", 1);
        producer.send(message);

        var consumer = session.createConsumer(queue);
        assertThat(TestProvider.receive(consumer)).isEqualTo("a");
        assertThat(TestProvider.receive(consumer)).isEqualTo("b");
    }

    @Test
    void aSessionKeepsOnePartitionAndSessionsSpread() throws JMSException {
        for (int i = 0; i < 4; i++) {
            var session = provider.session(Session.AUTO_ACKNOWLEDGE);
            TestProvider.send(session, "q", "a", "b", "c");
        }

        var byPartition = provider.cluster.records("q").stream()
                .collect(java.util.stream.Collectors.groupingBy(ConsumerRecord::partition));
        assertThat(byPartition).hasSize(4);
        assertThat(byPartition.values()).allMatch(records -> records.size() == 3);
    }

    @Test
    void aGroupGoesToOnePartitionWhoeverSends() throws JMSException {
        for (int i = 0; i < 4; i++) {
            var session = provider.session(Session.AUTO_ACKNOWLEDGE);
            var message = session.createTextMessage("a");
            message.setStringProperty("JMSXGroupID", "g");
            session.createProducer(session.createQueue("q")).send(message);
        }

        assertThat(provider.cluster.records("q").stream()
                        .map(ConsumerRecord::partition)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void anExpiredMessageIsNotDelivered() throws Exception {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        producer.setTimeToLive(1);
        var expiring = session.createTextMessage("late");
        producer.send(expiring);
        eventually("its expiration", () -> System.currentTimeMillis() > sentAt(expiring) + 1);
        producer.setTimeToLive(0);
        producer.send(session.createTextMessage("in time"));

        assertThat(TestProvider.receive(session.createConsumer(queue))).isEqualTo("in time");
        eventually("both settled", () -> provider.cluster.settledCount("q") == 2);
    }

    private static long sentAt(Message message) {
        try {
            return message.getJMSTimestamp();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatCannotBeSentSaysWhy() throws JMSException {
        provider.cluster.create("topic", DestinationKind.TOPIC, 1);
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        var anonymous = session.createProducer(null);
        var message = session.createMessage();

        assertThatThrownBy(() -> producer.send(null)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> producer.send(queue, message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.send(message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.send(null, message)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> anonymous.send(session.createQueue("topic"), message))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("TOPIC");
        assertThatThrownBy(() -> session.createQueue("no name")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(message, 3, 4, 0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setPriority(10)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setTimeToLive(-1)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setDeliveryDelay(-1)).isInstanceOf(JMSException.class);
        provider.cluster.refuseSends(ErrorCode.NOT_ENOUGH_REPLICAS);
        assertThatThrownBy(() -> producer.send(message))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("queue:q")
                .satisfies(e -> assertThat(((JMSException) e).getErrorCode()).isEqualTo("NOT_ENOUGH_REPLICAS"));
    }

    @Test
    void aDestinationThatMustExistIsNotCreated() throws JMSException {
        var connection =
                provider.opened(provider.factory("?createDestinations=false").createConnection());
        var session = connection.createSession();

        assertThatThrownBy(() -> session.createProducer(session.createQueue("missing")))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("does not exist");
        assertThat(provider.cluster.exists("missing")).isFalse();
    }

    @Test
    void completionListenersAreCalledInOrderOnAThreadOfTheSession() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var producer = session.createProducer(session.createQueue("q"));
        provider.cluster.holdSends();

        for (int i = 0; i < 100; i++) {
            producer.send(session.createTextMessage("m" + i), listener());
        }
        assertThat(completed).isEmpty();
        provider.cluster.releaseSends();

        eventually("all completions", () -> completed.size() == 100);
        for (int i = 0; i < 100; i++) {
            assertThat(completed.get(i)).startsWith("m" + i + " in millrace-completions");
        }
    }

    @Test
    void aCompletionListenerIsToldOfFailuresAndMayNotCloseItsSession() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var producer = session.createProducer(session.createQueue("q"));
        provider.cluster.refuseSends(ErrorCode.NOT_ENOUGH_REPLICAS);

        producer.send(session.createTextMessage("a"), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.add("unexpected");
            }

            @Override
            public void onException(Message message, Exception exception) {
                failed.add(exception);
                try {
                    session.close();
                } catch (JMSException e) {
                    failed.add(e);
                }
            }
        });

        eventually("both exceptions", () -> failed.size() == 2);
        assertThat(failed.get(0)).isInstanceOf(JMSException.class).hasMessageContaining("refused");
        assertThat(failed.get(1)).isInstanceOf(IllegalStateException.class);
        assertThat(completed).isEmpty();
    }

    @Test
    void closingWaitsForCompletionListeners() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var producer = session.createProducer(session.createQueue("q"));
        for (int i = 0; i < 20; i++) {
            producer.send(session.createTextMessage("m" + i), listener());
        }

        session.close();

        assertThat(completed).hasSize(20);
    }

    @Test
    void anAsynchronousSendOfATransactionCompletesBeforeItsCommit() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        var producer = session.createProducer(session.createQueue("q"));

        producer.send(session.createTextMessage("a"), listener());
        session.commit();

        assertThat(completed).hasSize(1);
        assertThat(provider.cluster.records("q")).hasSize(1);
    }

    private CompletionListener listener() {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    completed.add(TestProvider.text(message) + " in "
                            + Thread.currentThread().getName());
                } catch (JMSException e) {
                    failed.add(e);
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                failed.add(exception);
            }
        };
    }
}
