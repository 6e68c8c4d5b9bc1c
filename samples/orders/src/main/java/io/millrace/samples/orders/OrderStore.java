package io.millrace.samples.orders;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.TextMessage;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;

/** Stores each order of the queue in the table. What it throws brings the message back. */
@MessageDriven(
        name = "OrderStore",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "orders"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxSessions", propertyValue = "4")
        })
public class OrderStore implements MessageListener {
    private static final System.Logger LOGGER = System.getLogger(OrderStore.class.getName());
    private static final Jsonb JSON = JsonbBuilder.create();

    @Inject
    OrderTable table;

    @Override
    public void onMessage(Message message) {
        try {
            Order order = JSON.fromJson(((TextMessage) message).getText(), Order.class);
            int deliveries = message.getIntProperty("JMSXDeliveryCount");
            table.store(order, deliveries);
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () -> "Stored order " + order.getId() + ": " + order.getQuantity() + " x " + order.getItem());
        } catch (JMSException e) {
            throw new IllegalStateException("cannot read the message", e);
        }
    }
}
