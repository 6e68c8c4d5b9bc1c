package io.millrace.jms;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/**
 * How a message is sent.
 *
 * @param timeToLiveMs 0: it never expires
 */
record SendOptions(int deliveryMode, int priority, long timeToLiveMs) {
    static final SendOptions DEFAULT =
            new SendOptions(Message.DEFAULT_DELIVERY_MODE, Message.DEFAULT_PRIORITY, Message.DEFAULT_TIME_TO_LIVE);

    static SendOptions of(int deliveryMode, int priority, long timeToLiveMs) throws JMSException {
        if (timeToLiveMs < 0) {
            throw new JMSException("The time to live is " + timeToLiveMs
                    + " ms; it must be positive, or 0 for a message that never expires");
        }
        return new SendOptions(requireDeliveryMode(deliveryMode), requirePriority(priority), timeToLiveMs);
    }

    static int requireDeliveryMode(int deliveryMode) throws JMSException {
        if (deliveryMode != DeliveryMode.PERSISTENT && deliveryMode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("The delivery mode is " + deliveryMode + "; it must be DeliveryMode.NON_PERSISTENT ("
                    + DeliveryMode.NON_PERSISTENT + ") or DeliveryMode.PERSISTENT (" + DeliveryMode.PERSISTENT + ")");
        }
        return deliveryMode;
    }

    static int requirePriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw new JMSException("The priority is " + priority + "; it must be from 0 to 9");
        }
        return priority;
    }
}
