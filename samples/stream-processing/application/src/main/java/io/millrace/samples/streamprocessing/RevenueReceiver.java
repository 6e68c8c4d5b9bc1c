package io.millrace.samples.streamprocessing;

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

/** Puts what Kafka Streams has summed up into the table. */
@MessageDriven(
        name = "RevenueReceiver",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "revenue"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic")
        })
public class RevenueReceiver implements MessageListener {
    private static final System.Logger LOGGER = System.getLogger(RevenueReceiver.class.getName());
    private static final Jsonb JSON = JsonbBuilder.create();

    @Inject
    RevenueTable table;

    @Override
    public void onMessage(Message message) {
        try {
            String json = json(message);
            Revenue revenue = JSON.fromJson(json, Revenue.class);
            if (revenue.isUsable()) {
                table.put(revenue);
            } else {
                warn("revenue has a product and a minute; it was " + json);
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

    /** What a Kafka client wrote comes as bytes. */
    private static String json(Message message) throws JMSException {
        return message instanceof TextMessage text
                ? text.getText()
                : new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
    }
}
