package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapters 3.4, 3.9, 3.10, 3.12 and 6.2.4: whose a message is before and after it is sent, and before and after it is received. */
class SentMessagesTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void whatTheProviderSetsIsSetAnewWhateverTheApplicationHasSet() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("q");
        Message message = session.createTextMessage("a");
        message.setJMSDestination(session.createTopic("elsewhere"));
        message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        message.setJMSPriority(9);
        message.setJMSExpiration(1);
        message.setJMSDeliveryTime(Long.MAX_VALUE);
        message.setJMSMessageID("ID:mine");
        message.setJMSTimestamp(1);
        message.setJMSRedelivered(true);
        long beforeMs = System.currentTimeMillis();

        session.createProducer(queue).send(message);

        Message received = session.createConsumer(queue).receive(SOON_MS);
        for (Message each : new Message[] {message, received}) {
            assertThat(each.getJMSDestination()).isEqualTo(queue);
            assertThat(each.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
            assertThat(each.getJMSPriority()).isEqualTo(4);
            assertThat(each.getJMSExpiration()).isZero();
            assertThat(each.getJMSTimestamp()).isBetween(beforeMs, System.currentTimeMillis());
            assertThat(each.getJMSDeliveryTime()).isEqualTo(each.getJMSTimestamp());
            assertThat(each.getJMSMessageID()).startsWith("ID:").isNotEqualTo("ID:mine");
        }
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    @Test
    void inATransactionTimesCountFromTheSendAndNotFromTheCommit() throws JMSException {
        Session session = provider.session(Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        producer.setTimeToLive(60_000);
        producer.setDeliveryDelay(1);
        Message message = session.createTextMessage("a");
        producer.send(message);
        long sentMs = message.getJMSTimestamp();
        assertThat(message.getJMSExpiration()).isEqualTo(sentMs + 60_000);
        assertThat(message.getJMSDeliveryTime()).isEqualTo(sentMs + 1);
        TestProvider.eventually("a later time", () -> System.currentTimeMillis() > sentMs + 5);

        session.commit();

        Message received = session.createConsumer(queue).receive(SOON_MS);
        assertThat(received.getJMSTimestamp()).isEqualTo(sentMs);
        assertThat(received.getJMSExpiration()).isEqualTo(sentMs + 60_000);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(sentMs + 1);
    }

    @Test
    void bytesThatWereSentMayBeWrittenOn() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var producer = session.createProducer(session.createQueue("q"));
        BytesMessage message = session.createBytesMessage();
        message.writeByte((byte) 1);
        producer.send(message);
        message.writeByte((byte) 2);
        producer.send(message);

        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        assertThat(consumer.receive(SOON_MS).getBody(byte[].class)).containsExactly(1);
        assertThat(consumer.receive(SOON_MS).getBody(byte[].class)).containsExactly(1, 2);
    }

    @Test
    void aMessageThatItsReceiverHasChangedIsRedeliveredAsItWas() throws JMSException {
        Session session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        TextMessage sent = session.createTextMessage("original");
        sent.setStringProperty("color", "blue");
        session.createProducer(session.createQueue("q")).send(sent);
        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        var first = (TextMessage) consumer.receive(SOON_MS);
        first.clearBody();
        first.setText("changed");
        first.clearProperties();
        first.setStringProperty("color", "red");
        first.setJMSCorrelationID("mine");

        session.recover();

        var again = (TextMessage) consumer.receive(SOON_MS);
        assertThat(again.getText()).isEqualTo("original");
        assertThat(again.getStringProperty("color")).isEqualTo("blue");
        assertThat(again.getJMSCorrelationID()).isNull();
        assertThat(again.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Test
    void aReceivedMessageMayBeSentOn() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a");
        Message received = session.createConsumer(session.createQueue("q")).receive(SOON_MS);
        String id = received.getJMSMessageID();

        session.createProducer(session.createQueue("next")).send(received);

        Message forwarded = session.createConsumer(session.createQueue("next")).receive(SOON_MS);
        assertThat(TestProvider.text(forwarded)).isEqualTo("a");
        assertThat(forwarded.getJMSMessageID()).isNotEqualTo(id);
        assertThat(forwarded.getJMSDestination()).isEqualTo(session.createQueue("next"));
    }

    @Test
    void anySessionSendsAMessageOfAnother() throws JMSException {
        Session creating = provider.session(Session.AUTO_ACKNOWLEDGE);
        Session sending = provider.session(Session.AUTO_ACKNOWLEDGE);

        sending.createProducer(sending.createQueue("q")).send(creating.createTextMessage("a"));

        assertThat(receive(sending.createConsumer(sending.createQueue("q")))).isEqualTo("a");
    }

    @Test
    void aMessageOfAnotherProviderIsSentAndToldWhatTheSendHasSet() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("q");
        var behind = new MillraceTextMessage("a");
        behind.setIntProperty("n", 5);
        TextMessage foreign = foreign(behind);

        session.createProducer(queue).send(foreign, DeliveryMode.NON_PERSISTENT, 7, 60_000);

        var received = (TextMessage) session.createConsumer(queue).receive(SOON_MS);
        assertThat(received.getText()).isEqualTo("a");
        assertThat(received.getIntProperty("n")).isEqualTo(5);
        assertThat(foreign.getJMSMessageID()).startsWith("ID:").isEqualTo(received.getJMSMessageID());
        assertThat(foreign.getJMSDestination()).isEqualTo(queue);
        assertThat(foreign.getJMSPriority()).isEqualTo(7);
        assertThat(foreign.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(foreign.getJMSTimestamp()).isEqualTo(received.getJMSTimestamp());
        assertThat(foreign.getJMSExpiration()).isEqualTo(received.getJMSExpiration());
    }

    private static TextMessage foreign(TextMessage behind) {
        return (TextMessage) Proxy.newProxyInstance(
                TextMessage.class.getClassLoader(), new Class<?>[] {TextMessage.class}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(behind, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void eachMessageOfAQueueGoesToOneOfItsConsumers() throws JMSException {
        Session first = provider.session(Session.AUTO_ACKNOWLEDGE);
        Session second = provider.session(Session.AUTO_ACKNOWLEDGE);
        var one = first.createConsumer(first.createQueue("q"));
        var other = second.createConsumer(second.createQueue("q"));
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b", "c", "d");

        var got = new java.util.ArrayList<String>();
        while (got.size() < 4) {
            for (MessageConsumer consumer : new MessageConsumer[] {one, other}) {
                String text = TestProvider.text(consumer.receive(TestProvider.NOT_MS));
                if (text != null) {
                    got.add(text);
                }
            }
        }

        assertThat(got).containsExactlyInAnyOrder("a", "b", "c", "d");
        TestProvider.assertNothing(one);
        TestProvider.assertNothing(other);
    }
}
