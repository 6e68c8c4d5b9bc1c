package io.millrace.ra.outbound;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;

/**
 * An application's producer: its settings. Its sends go through one producer that all producers of the session share.
 * Belongs to its session's thread.
 */
final class ProducerHandle implements QueueSender, TopicPublisher {
    private final SessionHandle session;
    private final @Nullable Destination destination;
    private boolean disableMessageId;
    private boolean disableTimestamp;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLive = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelay = Message.DEFAULT_DELIVERY_DELAY;
    private boolean closed;

    ProducerHandle(SessionHandle session, @Nullable Destination destination) throws JMSException {
        this.session = session;
        this.destination = destination;
        physical();
    }

    private MessageProducer physical() throws JMSException {
        if (closed) {
            throw JmsFailures.closed("The producer");
        }
        return session.physicalProducer();
    }

    private void requireOpen() throws JMSException {
        physical();
    }

    /** The producer with this one's settings. */
    private MessageProducer prepared() throws JMSException {
        MessageProducer producer = physical();
        producer.setDisableMessageID(disableMessageId);
        producer.setDisableMessageTimestamp(disableTimestamp);
        producer.setDeliveryDelay(deliveryDelay);
        return producer;
    }

    private Destination own() {
        if (destination == null) {
            throw new UnsupportedOperationException(
                    "the producer has no destination of its own; name one in each send");
        }
        return destination;
    }

    private Destination named(@Nullable Destination to) throws JMSException {
        if (destination != null) {
            throw new UnsupportedOperationException("the producer sends to " + destination
                    + " only; create one without a destination to name it in each send");
        }
        if (to == null) {
            throw new InvalidDestinationException("the destination is null; name a queue or topic");
        }
        return to;
    }

    @Override
    public void send(Message message) throws JMSException {
        prepared().send(own(), message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void send(Message message, int mode, int priorityOfThis, long timeToLiveMs) throws JMSException {
        prepared().send(own(), message, mode, priorityOfThis, timeToLiveMs);
    }

    @Override
    public void send(@Nullable Destination to, Message message) throws JMSException {
        prepared().send(named(to), message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void send(@Nullable Destination to, Message message, int mode, int priorityOfThis, long timeToLiveMs)
            throws JMSException {
        prepared().send(named(to), message, mode, priorityOfThis, timeToLiveMs);
    }

    @Override
    public void send(@Nullable Queue queue, Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(@Nullable Queue queue, Message message, int mode, int priorityOfThis, long timeToLiveMs)
            throws JMSException {
        send((Destination) queue, message, mode, priorityOfThis, timeToLiveMs);
    }

    /** Application servers forbid it in beans and servlets; it works here as it does elsewhere. */
    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        prepared().send(own(), message, deliveryMode, priority, timeToLive, listener);
    }

    @Override
    public void send(Message message, int mode, int priorityOfThis, long timeToLiveMs, CompletionListener listener)
            throws JMSException {
        prepared().send(own(), message, mode, priorityOfThis, timeToLiveMs, listener);
    }

    @Override
    public void send(@Nullable Destination to, Message message, CompletionListener listener) throws JMSException {
        prepared().send(named(to), message, deliveryMode, priority, timeToLive, listener);
    }

    @Override
    public void send(
            @Nullable Destination to,
            Message message,
            int mode,
            int priorityOfThis,
            long timeToLiveMs,
            CompletionListener listener)
            throws JMSException {
        prepared().send(named(to), message, mode, priorityOfThis, timeToLiveMs, listener);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int mode, int priorityOfThis, long timeToLiveMs) throws JMSException {
        send(message, mode, priorityOfThis, timeToLiveMs);
    }

    @Override
    public void publish(@Nullable Topic topic, Message message) throws JMSException {
        send((Destination) topic, message);
    }

    @Override
    public void publish(@Nullable Topic topic, Message message, int mode, int priorityOfThis, long timeToLiveMs)
            throws JMSException {
        send((Destination) topic, message, mode, priorityOfThis, timeToLiveMs);
    }

    @Override
    public void setDisableMessageID(boolean value) throws JMSException {
        requireOpen();
        disableMessageId = value;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        requireOpen();
        return disableMessageId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean value) throws JMSException {
        requireOpen();
        disableTimestamp = value;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        requireOpen();
        return disableTimestamp;
    }

    @Override
    public void setDeliveryMode(int mode) throws JMSException {
        requireOpen();
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException(
                    "The delivery mode is " + mode + "; it must be PERSISTENT (2) or NON_PERSISTENT (1)");
        }
        deliveryMode = mode;
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        requireOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int value) throws JMSException {
        requireOpen();
        if (value < 0 || value > 9) {
            throw new JMSException("The priority is " + value + "; it must be from 0 to 9");
        }
        priority = value;
    }

    @Override
    public int getPriority() throws JMSException {
        requireOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long timeToLiveMs) throws JMSException {
        requireOpen();
        if (timeToLiveMs < 0) {
            throw new JMSException("The time to live is " + timeToLiveMs + " ms; it must be 0, for ever, or more");
        }
        timeToLive = timeToLiveMs;
    }

    @Override
    public long getTimeToLive() throws JMSException {
        requireOpen();
        return timeToLive;
    }

    @Override
    public void setDeliveryDelay(long deliveryDelayMs) throws JMSException {
        // Refused here and now where the session cannot do it.
        physical().setDeliveryDelay(deliveryDelayMs);
        deliveryDelay = deliveryDelayMs;
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        requireOpen();
        return deliveryDelay;
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        requireOpen();
        return destination;
    }

    @Override
    public @Nullable Queue getQueue() throws JMSException {
        requireOpen();
        return destination instanceof Queue queue ? queue : null;
    }

    @Override
    public @Nullable Topic getTopic() throws JMSException {
        requireOpen();
        return destination instanceof Topic topic ? topic : null;
    }

    /** Idempotent. */
    @Override
    public void close() {
        closed = true;
    }
}
