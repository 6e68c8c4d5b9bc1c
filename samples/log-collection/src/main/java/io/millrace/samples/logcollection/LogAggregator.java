package io.millrace.samples.logcollection;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;

/** Counts each line of the topic by its level and minute. */
@MessageDriven(
        name = "LogAggregator",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "log-lines"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic")
        })
public class LogAggregator implements MessageListener {

    @Inject
    LogTable table;

    @Override
    public void onMessage(Message message) {
        try {
            table.add(line(message), message.getJMSTimestamp());
        } catch (JMSException e) {
            throw new IllegalStateException("cannot read the message", e);
        }
    }

    /** A line that a Kafka client shipped comes as bytes. */
    private static String line(Message message) throws JMSException {
        return message instanceof TextMessage text
                ? text.getText()
                : new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
    }
}
