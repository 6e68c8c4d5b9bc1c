package io.millrace.jms;

import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 3.8: consumers of queues that want some messages only. */
class QueueSelectorTest {
    private final TestProvider provider = new TestProvider(2);

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void aConsumerGetsWhatItsSelectorMatchesAndTheRestStays() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("q");
        MessageConsumer red = session.createConsumer(queue, "color = 'red'");
        MessageConsumer blue = session.createConsumer(queue, "color IN ('blue', 'green')");

        for (String color : new String[] {"red", "blue", "black", "red"}) {
            Message message = session.createTextMessage(color);
            message.setStringProperty("color", color);
            session.createProducer(queue).send(message);
        }

        assertThat(red.getMessageSelector()).isEqualTo("color = 'red'");
        assertThat(receive(red)).isEqualTo("red");
        assertThat(receive(red)).isEqualTo("red");
        assertThat(receive(blue)).isEqualTo("blue");
        assertNothing(red);
        assertNothing(blue);
        assertThat(receive(session.createConsumer(queue))).isEqualTo("black");
    }

    @Test
    void whatIsNoSelectorIsRefused() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> session.createConsumer(session.createQueue("q"), "color ="))
                .isInstanceOf(InvalidSelectorException.class)
                .hasMessageContaining("The selector is wrong at character ");
    }
}
