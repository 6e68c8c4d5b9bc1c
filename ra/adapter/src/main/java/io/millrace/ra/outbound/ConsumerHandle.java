package io.millrace.ra.outbound;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import org.jspecify.annotations.Nullable;

/** An application's consumer. Belongs to its session's thread. */
final class ConsumerHandle implements QueueReceiver, TopicSubscriber {
    private final SessionHandle session;
    private final MessageConsumer physical;
    private boolean closed;

    ConsumerHandle(SessionHandle session, MessageConsumer physical) {
        this.session = session;
        this.physical = physical;
    }

    private MessageConsumer physical() throws JMSException {
        if (closed) {
            throw JmsFailures.closed("The consumer");
        }
        session.use();
        return physical;
    }

    @Override
    public @Nullable Message receive() throws JMSException {
        return physical().receive();
    }

    @Override
    public @Nullable Message receive(long timeoutMs) throws JMSException {
        return physical().receive(timeoutMs);
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        return physical().receiveNoWait();
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        return physical().getMessageSelector();
    }

    @Override
    public Queue getQueue() throws JMSException {
        if (physical() instanceof QueueReceiver receiver) {
            return receiver.getQueue();
        }
        throw new jakarta.jms.IllegalStateException("this consumer receives from no queue");
    }

    @Override
    public Topic getTopic() throws JMSException {
        if (physical() instanceof TopicSubscriber subscriber) {
            return subscriber.getTopic();
        }
        throw new jakarta.jms.IllegalStateException("this consumer receives from no topic");
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        return physical() instanceof TopicSubscriber subscriber && subscriber.getNoLocal();
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        physical();
        return null;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        throw JmsFailures.forbidden("setMessageListener");
    }

    /** Idempotent. */
    @Override
    public void close() throws JMSException {
        if (closed) {
            return;
        }
        closed = true;
        session.onClosed(this);
        physical.close();
    }
}
