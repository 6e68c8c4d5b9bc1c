package io.millrace.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;

/** Sends to one destination, or to one named with each call. Belongs to its session's thread. */
final class MillraceMessageProducer implements QueueSender, TopicPublisher {
    private final MillraceSession session;
    private final @Nullable MillraceDestination destination;
    private SendOptions options = SendOptions.DEFAULT;
    private long deliveryDelayMs;
    private boolean disableMessageId;
    private boolean disableTimestamp;
    private volatile boolean closed;

    /** @param destination null: each send names one */
    MillraceMessageProducer(MillraceSession session, @Nullable MillraceDestination destination) {
        this.session = session;
        this.destination = destination;
    }

    @Override
    public void setDisableMessageID(boolean disable) throws JMSException {
        requireOpen();
        disableMessageId = disable;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        requireOpen();
        return disableMessageId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean disable) throws JMSException {
        requireOpen();
        disableTimestamp = disable;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        requireOpen();
        return disableTimestamp;
    }

    @Override
    public void setDeliveryMode(int deliveryMode) throws JMSException {
        requireOpen();
        options = SendOptions.of(deliveryMode, options.priority(), options.timeToLiveMs());
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        requireOpen();
        return options.deliveryMode();
    }

    @Override
    public void setPriority(int priority) throws JMSException {
        requireOpen();
        options = SendOptions.of(options.deliveryMode(), priority, options.timeToLiveMs());
    }

    @Override
    public int getPriority() throws JMSException {
        requireOpen();
        return options.priority();
    }

    @Override
    public void setTimeToLive(long timeToLiveMs) throws JMSException {
        requireOpen();
        options = SendOptions.of(options.deliveryMode(), options.priority(), timeToLiveMs);
    }

    @Override
    public long getTimeToLive() throws JMSException {
        requireOpen();
        return options.timeToLiveMs();
    }

    @Override
    public void setDeliveryDelay(long newDeliveryDelayMs) throws JMSException {
        requireOpen();
        if (newDeliveryDelayMs < 0) {
            throw new JMSException("The delivery delay is " + newDeliveryDelayMs
                    + " ms; it must be positive, or 0 for a message that is delivered at once");
        }
        deliveryDelayMs = newDeliveryDelayMs;
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        requireOpen();
        return deliveryDelayMs;
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        requireOpen();
        return destination;
    }

    @Override
    public Queue getQueue() throws JMSException {
        requireOpen();
        if (destination instanceof MillraceQueue queue) {
            return queue;
        }
        throw new IllegalStateException("This producer sends to " + destination + "; it has no queue");
    }

    @Override
    public Topic getTopic() throws JMSException {
        requireOpen();
        if (destination instanceof MillraceTopic topic) {
            return topic;
        }
        throw new IllegalStateException("This producer sends to " + destination + "; it has no topic");
    }

    @Override
    public void send(Message message) throws JMSException {
        sendToOwn(message, options, null);
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLiveMs) throws JMSException {
        sendToOwn(message, SendOptions.of(deliveryMode, priority, timeToLiveMs), null);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        sendToOwn(message, options, require(listener));
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLiveMs, CompletionListener listener)
            throws JMSException {
        sendToOwn(message, SendOptions.of(deliveryMode, priority, timeToLiveMs), require(listener));
    }

    @Override
    public void send(Destination named, Message message) throws JMSException {
        sendTo(named, message, options, null);
    }

    @Override
    public void send(Destination named, Message message, int deliveryMode, int priority, long timeToLiveMs)
            throws JMSException {
        sendTo(named, message, SendOptions.of(deliveryMode, priority, timeToLiveMs), null);
    }

    @Override
    public void send(Destination named, Message message, CompletionListener listener) throws JMSException {
        sendTo(named, message, options, require(listener));
    }

    @Override
    public void send(
            Destination named,
            Message message,
            int deliveryMode,
            int priority,
            long timeToLiveMs,
            CompletionListener listener)
            throws JMSException {
        sendTo(named, message, SendOptions.of(deliveryMode, priority, timeToLiveMs), require(listener));
    }

    @Override
    public void send(Queue queue, Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(Queue queue, Message message, int deliveryMode, int priority, long timeToLiveMs)
            throws JMSException {
        send((Destination) queue, message, deliveryMode, priority, timeToLiveMs);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int deliveryMode, int priority, long timeToLiveMs) throws JMSException {
        send(message, deliveryMode, priority, timeToLiveMs);
    }

    @Override
    public void publish(Topic topic, Message message) throws JMSException {
        send((Destination) topic, message);
    }

    @Override
    public void publish(Topic topic, Message message, int deliveryMode, int priority, long timeToLiveMs)
            throws JMSException {
        send((Destination) topic, message, deliveryMode, priority, timeToLiveMs);
    }

    private static CompletionListener require(@Nullable CompletionListener listener) {
        if (listener == null) {
            throw new IllegalArgumentException(
                    "The completion listener is null; to wait for the send, use the method " + "without one");
        }
        return listener;
    }

    private void sendToOwn(@Nullable Message message, SendOptions how, @Nullable CompletionListener listener)
            throws JMSException {
        requireOpen();
        if (destination == null) {
            throw new UnsupportedOperationException(
                    "This producer was created without a destination; name one with each send");
        }
        send(destination, message, how, listener);
    }

    private void sendTo(
            @Nullable Destination named,
            @Nullable Message message,
            SendOptions how,
            @Nullable CompletionListener listener)
            throws JMSException {
        requireOpen();
        if (destination != null) {
            throw new UnsupportedOperationException("This producer was created for " + destination
                    + "; use a send without a destination, or a producer that was created without one");
        }
        send(MillraceDestination.require(named), message, how, listener);
    }

    private void send(
            MillraceDestination to, @Nullable Message message, SendOptions how, @Nullable CompletionListener listener)
            throws JMSException {
        if (message == null) {
            throw new MessageFormatException("The message is null");
        }
        session.use().act("send to " + to, () -> sendAlone(to, message, how, listener));
    }

    private void sendAlone(
            MillraceDestination to, Message message, SendOptions how, @Nullable CompletionListener listener)
            throws JMSException {
        MillraceMessage ours = message instanceof MillraceMessage own ? own : MessageCopy.of(message);
        long nowMs = session.nowMs();
        setHeaderFields(ours, to, how, nowMs);
        if (ours != message) {
            copyHeaderFields(ours, message);
        }
        session.sending().send(ours, nowMs, session.transaction().holdsBack(), message, listener);
    }

    private void setHeaderFields(Message message, MillraceDestination to, SendOptions how, long nowMs)
            throws JMSException {
        message.setJMSDestination(to);
        message.setJMSDeliveryMode(how.deliveryMode());
        message.setJMSPriority(how.priority());
        message.setJMSTimestamp(disableTimestamp ? 0 : nowMs);
        message.setJMSDeliveryTime(nowMs + deliveryDelayMs);
        message.setJMSExpiration(how.timeToLiveMs() == 0 ? 0 : nowMs + how.timeToLiveMs());
        // The id tells a topic's subscribers with noLocal which connection has sent it; disabling is but a hint.
        boolean withoutId = disableMessageId && to instanceof MillraceQueue;
        message.setJMSMessageID(withoutId ? null : session.nextMessageId());
    }

    /** The application reads on its own message what sending has set (chapter 3.12). */
    private static void copyHeaderFields(Message from, Message to) throws JMSException {
        to.setJMSDestination(from.getJMSDestination());
        to.setJMSDeliveryMode(from.getJMSDeliveryMode());
        to.setJMSPriority(from.getJMSPriority());
        to.setJMSTimestamp(from.getJMSTimestamp());
        to.setJMSDeliveryTime(from.getJMSDeliveryTime());
        to.setJMSExpiration(from.getJMSExpiration());
        to.setJMSMessageID(from.getJMSMessageID());
    }

    /** Waits for the completion listeners of its sends. */
    @Override
    public void close() throws JMSException {
        session.requireNotInCompletion("close a producer");
        if (!closed) {
            closed = true;
            if (!session.isClosed()) {
                session.sending().awaitAsyncSends();
            }
        }
    }

    private void requireOpen() throws IllegalStateException {
        session.requireOpen();
        if (closed) {
            throw new IllegalStateException("The producer is closed");
        }
    }
}
