package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.receive;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.record.RecordHeader;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 3.8: subscribers of topics that want some messages only. */
class TopicSelectorTest {
    private final TestProvider provider = new TestProvider(2);

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void aSubscriberGetsWhatItsSelectorMatches() throws JMSException {
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        var big = subscriber("price > 10 AND NOT sold");
        var blue = subscriber("color IN ('blue', 'green')");
        var all = subscriber("  ");

        publish(sender, "a", 5, "blue");
        publish(sender, "b", 15, "red");
        publish(sender, "c", 20, "blue");

        assertThat(receive(big)).isEqualTo("b");
        assertThat(receive(big)).isEqualTo("c");
        assertThat(receive(blue)).isEqualTo("a");
        assertThat(receive(blue)).isEqualTo("c");
        assertThat(receive(all)).isEqualTo("a");
        assertNothing(big);
        assertNothing(blue);
    }

    @Test
    void headerFieldsCanBeSelected() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var subscriber = subscriber("JMSDeliveryMode = 'NON_PERSISTENT' AND JMSPriority = 7 AND JMSType = 'order' AND "
                + "JMSCorrelationID LIKE 'c%' AND JMSMessageID LIKE 'ID:%' AND JMSTimestamp > 0 AND JMSXGroupID = 'g'");
        var producer = session.createProducer(session.createTopic("t"));

        publish(session, "plain", 1, "blue");
        Message message = session.createTextMessage("wanted");
        message.setJMSType("order");
        message.setJMSCorrelationID("c1");
        message.setStringProperty("JMSXGroupID", "g");
        producer.send(message, DeliveryMode.NON_PERSISTENT, 7, 0);

        assertThat(receive(subscriber)).isEqualTo("wanted");
        assertNothing(subscriber);
    }

    @Test
    void manyThatDoNotMatchAreNoHindrance() throws JMSException {
        var sender = provider.session(Session.DUPS_OK_ACKNOWLEDGE);
        var subscriber = subscriber("price = 1");
        MessageProducer producer = sender.createProducer(sender.createTopic("t"));
        for (int i = 0; i < 3_000; i++) {
            producer.send(sender.createTextMessage("no"));
        }
        publish(sender, "yes", 1, "blue");

        assertThat(receive(subscriber)).isEqualTo("yes");
    }

    @Test
    void foreignRecordsAreSelectedByTheirHeaders() throws JMSException {
        provider.cluster.create("t", DestinationKind.TOPIC, 1);
        var subscriber = subscriber("region = 'EU' AND JMSMessageID = 'ID:t-0@1'");
        try (var client = provider.cluster.newClient();
                var producer = client.newProducer(ProducerConfiguration.defaults())) {
            for (String region : List.of("US", "EU", "EU")) {
                var header = new RecordHeader("region", region.getBytes(UTF_8));
                producer.send(new ProducerRecord("t", 0, 1L, null, region.getBytes(UTF_8), List.of(header)));
            }
        }

        assertThat(subscriber.receive(SOON_MS).getBody(byte[].class)).isEqualTo("EU".getBytes(UTF_8));
        assertThat(subscriber.receive(TestProvider.NOT_MS)).isNull();
    }

    @Test
    void aSelectorAndNoLocalHoldTogether() throws JMSException {
        var connection = provider.started();
        var session = connection.createSession();
        var subscriber = session.createConsumer(session.createTopic("t"), "price > 1", true);

        publish(session, "own", 5, "blue");
        publish(provider.session(Session.AUTO_ACKNOWLEDGE), "cheap", 1, "blue");
        publish(provider.session(Session.AUTO_ACKNOWLEDGE), "wanted", 5, "blue");

        assertThat(receive(subscriber)).isEqualTo("wanted");
        assertNothing(subscriber);
    }

    @Test
    void theSimplifiedApiSelectsToo() throws JMSException {
        try (var context = provider.factory().createContext();
                var consumer = context.createConsumer(context.createTopic("t"), "price = 2")) {
            publish(provider.session(Session.AUTO_ACKNOWLEDGE), "one", 1, "blue");
            publish(provider.session(Session.AUTO_ACKNOWLEDGE), "two", 2, "blue");

            assertThat(consumer.getMessageSelector()).isEqualTo("price = 2");
            assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("two");
            assertThatThrownBy(() -> context.createConsumer(context.createTopic("t"), "price ="))
                    .isInstanceOf(InvalidSelectorRuntimeException.class);
        }
    }

    @Test
    void aSelectorIsToldAsItWasGivenAndNoneAsNull() throws JMSException {
        assertThat(subscriber("a = 1 ").getMessageSelector()).isEqualTo("a = 1 ");
        assertThat(subscriber("").getMessageSelector()).isNull();
        assertThat(subscriber(null).getMessageSelector()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"price >", "price == 1", "color = \"blue\"", "JMSReplyTo IS NULL", "5"})
    void whatIsNoSelectorIsRefusedInEveryWay(String selector) throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var topic = session.createTopic("t");
        var queue = session.createQueue("q");

        assertThatThrownBy(() -> session.createConsumer(topic, selector))
                .isInstanceOf(InvalidSelectorException.class)
                .hasMessageContaining("The selector is wrong at character ");
        assertThatThrownBy(() -> session.createConsumer(topic, selector, true))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createConsumer(queue, selector)).isInstanceOf(InvalidSelectorException.class);
    }

    private MessageConsumer subscriber(String selector) throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        return session.createConsumer(session.createTopic("t"), selector);
    }

    private static void publish(Session session, String text, int price, String color) throws JMSException {
        try (var producer = session.createProducer(session.createTopic("t"))) {
            Message message = session.createTextMessage(text);
            message.setIntProperty("price", price);
            message.setStringProperty("color", color);
            message.setBooleanProperty("sold", false);
            producer.send(message);
        }
    }
}
