package io.millrace.container.app;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.MessageDrivenContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/**
 * Fails as a message says: {@code throw ...} by an exception and {@code roll back ...} by its transaction alone, at the
 * first two deliveries; {@code fence ...} at the first three; {@code hold ...} at the first, and at the second when the
 * gate has been opened.
 */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "faulty"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxSessions", propertyValue = "4")
        })
public class FaultyBean implements MessageListener {
    @Resource
    private MessageDrivenContext context;

    @Override
    public void onMessage(Message message) {
        String text = Deliveries.add(message);
        int deliveryCount = deliveryCount(message);
        if (text.startsWith("roll back") && deliveryCount <= 2) {
            context.setRollbackOnly();
            return;
        }
        if (text.startsWith("throw") && deliveryCount <= 2
                || text.startsWith("fence") && deliveryCount <= 3
                || text.startsWith("hold") && !isHeldToItsEnd(text)) {
            throw new IllegalStateException("This bean fails on purpose: " + text);
        }
        Deliveries.done(text);
    }

    /** By the deliveries that were seen here: what the brokers count may be less after one was killed. */
    private static boolean isHeldToItsEnd(String text) {
        long timesSeen = Deliveries.timesSeen(text);
        if (timesSeen == 2) {
            Gate.await();
        }
        return timesSeen > 2;
    }

    private static int deliveryCount(Message message) {
        try {
            return message.getIntProperty("JMSXDeliveryCount");
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
