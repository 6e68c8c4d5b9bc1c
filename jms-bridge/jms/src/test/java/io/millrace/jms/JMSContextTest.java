package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The simplified API. */
class JMSContextTest {
    private final TestProvider provider = new TestProvider();
    private final JMSContext context = provider.factory().createContext();
    private final Queue queue = context.createQueue("q");

    @AfterEach
    void closeAll() throws JMSException {
        context.close();
        provider.close();
    }

    @Test
    void aProducersOptionsAndPropertiesComeWithEveryMessage() throws JMSException {
        JMSProducer producer = context.createProducer()
                .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                .setPriority(7)
                .setTimeToLive(60_000)
                .setProperty("n", 5)
                .setProperty("s", "text")
                .setJMSCorrelationID("c")
                .setJMSType("t")
                .setJMSReplyTo(queue);

        producer.send(queue, "a").send(queue, new byte[] {1, 2});

        var consumer = context.createConsumer(queue);
        Message first = consumer.receive(SOON_MS);
        assertThat(first.getBody(String.class)).isEqualTo("a");
        Message second = consumer.receive(SOON_MS);
        assertThat(second.getBody(byte[].class)).containsExactly(1, 2);
        for (Message message : List.of(first, second)) {
            assertThat(message.getIntProperty("n")).isEqualTo(5);
            assertThat(message.getStringProperty("s")).isEqualTo("text");
            assertThat(message.getJMSPriority()).isEqualTo(7);
            assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
            assertThat(message.getJMSExpiration()).isPositive();
            assertThat(message.getJMSCorrelationID()).isEqualTo("c");
            assertThat(message.getJMSType()).isEqualTo("t");
            assertThat(message.getJMSReplyTo()).isEqualTo(queue);
        }
        assertThat(producer.getPropertyNames()).containsExactly("n", "s");
        assertThat(producer.getLongProperty("n")).isEqualTo(5L);
        assertThat(producer.clearProperties().propertyExists("n")).isFalse();
    }

    @Test
    void bodiesAreReceivedAlone() {
        context.createProducer().send(queue, "a").send(queue, new byte[] {1});
        var consumer = context.createConsumer(queue);

        assertThat(consumer.receiveBody(String.class)).isEqualTo("a");
        assertThat(consumer.receiveBody(byte[].class, SOON_MS)).containsExactly(1);
        assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
    }

    @Test
    void aBodyOfAnotherTypeLeavesTheMessageWhereItWas() {
        context.createProducer().send(queue, "a").send(queue, "b");
        var consumer = context.createConsumer(queue);

        assertThatThrownBy(() -> consumer.receiveBody(byte[].class, SOON_MS))
                .isInstanceOf(MessageFormatRuntimeException.class);

        assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("a");
        assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("b");
    }

    @Test
    void contextsCreatedFromOneShareItsConnection() {
        int open = provider.cluster.openCount();
        JMSContext second = context.createContext(JMSContext.SESSION_TRANSACTED);

        second.createProducer().send(queue, "a");
        var consumer = context.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        second.commit();
        assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("a");
        second.close();

        context.createProducer().send(queue, "b");
        assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("b");
        assertThat(provider.cluster.openCount()).isGreaterThan(open);
    }

    @Test
    void aContextStartsWithItsFirstConsumerUnlessToldOtherwise() {
        context.createProducer().send(queue, "a");
        try (JMSContext other = provider.factory().createContext()) {
            other.setAutoStart(false);
            var consumer = other.createConsumer(queue);
            assertThat(consumer.receive(TestProvider.NOT_MS)).isNull();
            other.start();
            assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("a");
        }
    }

    @Test
    void acknowledgingTheContextAcknowledgesWhatItHasReceived() {
        try (JMSContext client = provider.factory().createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            client.createProducer().send(queue, "a").send(queue, "b");
            var consumer = client.createConsumer(queue);
            consumer.receive(SOON_MS);
            consumer.receive(SOON_MS);
            assertThat(provider.cluster.settledCount("q")).isZero();

            client.acknowledge();

            assertThat(provider.cluster.settledCount("q")).isEqualTo(2);
        }
    }

    @Test
    void aListenerMayNotCloseItsContext() {
        List<RuntimeException> thrown = new CopyOnWriteArrayList<>();
        context.createConsumer(queue).setMessageListener(message -> {
            try {
                context.close();
            } catch (IllegalStateRuntimeException e) {
                thrown.add(e);
            }
            try {
                context.stop();
            } catch (IllegalStateRuntimeException e) {
                thrown.add(e);
            }
        });

        try (JMSContext other = provider.factory().createContext()) {
            other.createProducer().send(queue, "a");
            eventually("both refusals", () -> thrown.size() == 2);
        }
    }

    @Test
    void mapsAndObjectsAreSentAndReceivedAsBodies() {
        try (JMSConsumer consumer = context.createConsumer(queue)) {
            context.createProducer()
                    .send(queue, Map.of("a", 1))
                    .send(queue, Integer.valueOf(2))
                    .send(queue, new java.util.ArrayList<>(List.of(3)))
                    .send(queue, (Map<String, Object>) null);

            assertThat((Object) consumer.receiveBody(Map.class, SOON_MS)).isEqualTo(Map.of("a", 1));
            assertThat(consumer.receiveBody(Integer.class, SOON_MS)).isEqualTo(2);
            assertThatThrownBy(() -> consumer.receiveBody(List.class, SOON_MS))
                    .isInstanceOf(MessageFormatRuntimeException.class)
                    .hasMessageContaining("objectAllowList");
            Message refused = consumer.receive(SOON_MS);
            assertThat(refused)
                    .as("the message whose body was refused is the next one still")
                    .isInstanceOf(ObjectMessage.class);
            assertThat((Object) consumer.receiveBody(Map.class, SOON_MS)).isNull();
        }
    }

    @Test
    void theConnectionFactorySaysWhichObjectsAreRead() {
        try (JMSContext trusting =
                        provider.factory("?objectAllowList=java.util.*").createContext();
                JMSConsumer consumer = trusting.createConsumer(queue)) {
            context.createProducer().send(queue, new java.util.ArrayList<>(List.of(3)));

            assertThat((Object) consumer.receiveBody(List.class, SOON_MS)).isEqualTo(List.of(3));
        }
    }

    @Test
    void refusalsAreOfTheirRuntimeClass() {
        assertThatThrownBy(() -> context.createProducer().send(null, "a"))
                .isInstanceOf(InvalidDestinationRuntimeException.class);
        assertThatThrownBy(() -> context.createProducer().send(queue, (Message) null))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(context::commit).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> context.createProducer().setPriority(12)).isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(() -> context.createProducer().send(queue, Map.of("a", List.of())))
                .isInstanceOf(MessageFormatRuntimeException.class)
                .hasMessageContaining("'a'");
        assertThatThrownBy(() -> context.createProducer().send(queue, Map.of("", 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> context.createProducer().setDeliveryDelay(-5))
                .isInstanceOf(JMSRuntimeException.class)
                .hasMessageContaining("-5");
        assertThatThrownBy(() -> provider.factory().createContext(17)).isInstanceOf(JMSRuntimeException.class);
    }

    @Test
    void aClosedContextRefusesEverything() {
        context.close();

        assertThatThrownBy(context::createTextMessage).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(context::createProducer).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> context.createConsumer(queue)).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(context::start).isInstanceOf(IllegalStateRuntimeException.class);
        context.close();
    }

    @Test
    void aClientIdMayBeSetBeforeTheContextIsUsed() {
        try (JMSContext other = provider.factory().createContext()) {
            other.setClientID("shop");

            assertThat(other.getClientID()).isEqualTo("shop");
            other.createTextMessage();
            assertThatThrownBy(() -> other.setClientID("b")).isInstanceOf(IllegalStateRuntimeException.class);
        }
    }
}
