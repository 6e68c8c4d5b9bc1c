package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 8.6: bodies that are received alone and are not of the type that was asked for. */
class BodyReceptionTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {JMSContext.CLIENT_ACKNOWLEDGE, JMSContext.SESSION_TRANSACTED})
    void whereTheApplicationSettlesARefusedBodyCountsAsReceived(int mode) throws JMSException {
        try (JMSContext sender = provider.factory().createContext();
                JMSContext context = provider.factory().createContext(mode)) {
            Queue queue = context.createQueue("q");
            sender.createProducer().send(queue, "a").send(queue, "b");
            JMSConsumer consumer = context.createConsumer(queue);

            assertThatThrownBy(() -> consumer.receiveBody(byte[].class, SOON_MS))
                    .isInstanceOf(MessageFormatRuntimeException.class);
            assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("b");
            if (mode == JMSContext.CLIENT_ACKNOWLEDGE) {
                context.recover();
            } else {
                context.rollback();
            }

            Message again = consumer.receive(SOON_MS);
            assertThat(TestProvider.text(again)).isEqualTo("a");
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        }
    }

    @Test
    void whereTheModeSettlesARefusedBodyIsNoDelivery() throws JMSException {
        try (JMSContext context = provider.factory().createContext()) {
            Queue queue = context.createQueue("q");
            context.createProducer().send(queue, "a");
            JMSConsumer consumer = context.createConsumer(queue);

            assertThatThrownBy(() -> consumer.receiveBody(byte[].class, SOON_MS))
                    .isInstanceOf(MessageFormatRuntimeException.class);

            Message again = consumer.receive(SOON_MS);
            assertThat(again.getJMSRedelivered()).isFalse();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        }
    }

    @Test
    void messagesAndStreamsHaveNoBodyOfTheirOwn() {
        try (JMSContext context = provider.factory().createContext()) {
            Queue queue = context.createQueue("q");
            JMSConsumer consumer = context.createConsumer(queue);
            for (Message message : new Message[] {context.createMessage(), context.createStreamMessage()}) {
                context.createProducer().send(queue, message);

                assertThatThrownBy(() -> consumer.receiveBody(Object.class, SOON_MS))
                        .isInstanceOf(MessageFormatRuntimeException.class);
                assertThat(consumer.receive(SOON_MS)).isNotNull();
            }
        }
    }
}
