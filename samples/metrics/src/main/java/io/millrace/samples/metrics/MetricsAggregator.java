package io.millrace.samples.metrics;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.TextMessage;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbException;
import java.nio.charset.StandardCharsets;

/** Adds each reading of the topic to the table, whichever server or Kafka client sent it. */
@MessageDriven(
        name = "MetricsAggregator",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "metrics"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic")
        })
public class MetricsAggregator implements MessageListener {
    private static final System.Logger LOGGER = System.getLogger(MetricsAggregator.class.getName());
    private static final Jsonb JSON = JsonbBuilder.create();

    @Inject
    MetricsTable table;

    @Override
    public void onMessage(Message message) {
        try {
            String json = json(message);
            Reading reading = JSON.fromJson(json, Reading.class);
            if (reading.isUsable()) {
                table.add(reading, message.getJMSTimestamp());
            } else {
                warn("a reading has a host, a metric and a finite value; it was " + json);
            }
        } catch (JMSException e) {
            throw new IllegalStateException("cannot read the message", e);
        } catch (JsonbException e) {
            warn(e.getMessage()); // it would be no better if it came again
        }
    }

    private static void warn(String objection) {
        LOGGER.log(System.Logger.Level.WARNING, () -> "Left out: " + objection);
    }

    /** What a Kafka client sent comes as bytes. */
    private static String json(Message message) throws JMSException {
        return message instanceof TextMessage text
                ? text.getText()
                : new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
    }
}
