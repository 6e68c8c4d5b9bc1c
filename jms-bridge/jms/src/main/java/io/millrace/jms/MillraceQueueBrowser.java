package io.millrace.jms;

import io.millrace.selector.MessageSelector;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * Shows what is on a queue and takes nothing of it.
 *
 * <p>Belongs to its session's thread; {@link #close} may be called by any. Nothing has to be given back.
 */
final class MillraceQueueBrowser implements QueueBrowser {
    private final MillraceSession session;
    private final SessionReception reception;
    private final ClusterLink link;
    private final MillraceQueue queue;
    private final MessageDecoder decoder;
    private final MessageSelector selector;
    private volatile boolean closed;

    MillraceQueueBrowser(
            MillraceSession session,
            SessionReception reception,
            ClusterLink link,
            MillraceQueue queue,
            MessageDecoder decoder,
            MessageSelector selector) {
        this.session = session;
        this.reception = reception;
        this.link = link;
        this.queue = queue;
        this.decoder = decoder;
        this.selector = selector;
    }

    @Override
    public Queue getQueue() throws JMSException {
        requireOpen();
        return queue;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        requireOpen();
        return Selectors.text(selector);
    }

    /**
     * The messages that are on the queue now. Each call begins anew; several passes may go on beside each other. Whether the
     * connection is started does not matter, as nothing is delivered.
     *
     * <p>Methods of the enumeration throw a {@link jakarta.jms.JMSRuntimeException} where the cluster cannot be asked any more.
     */
    @Override
    public Enumeration<Message> getEnumeration() throws JMSException {
        requireOpen();
        QueuePass pass = new QueuePass(link, session.temporaries(), queue, Selectors.text(selector), this::isWanted);
        session.use().act("browse " + queue, () -> begin(pass));
        return new Enumeration<>() {
            @Override
            public boolean hasMoreElements() {
                return Boolean.TRUE.equals(Unchecked.getNullable(() -> inSession(pass::hasNext)));
            }

            @Override
            public Message nextElement() {
                return Unchecked.get(() -> decoder.decode(pass.nextAfter(hasMoreElements())));
            }
        };
    }

    /** What this session has received and acknowledges by itself is not on the queue any more. */
    private void begin(QueuePass pass) throws JMSException {
        reception.acknowledgeLazyOnes();
        reception.awaitAutomatic();
        pass.begin();
    }

    private <T> @Nullable T inSession(SessionUse.Work<T> work) throws JMSException {
        requireOpen();
        return session.use().work("browse " + queue, work);
    }

    /** On the queue for a consumer: it matches, has not expired, and its delivery time has come. */
    private boolean isWanted(MessageDecoder.Content content) {
        if (!Selectors.matches(selector, content)) {
            return false;
        }
        MillraceMessage message = decoder.decode(content);
        long nowMs = session.nowMs();
        return !MessageDecoder.isExpired(message, nowMs) && message.getJMSDeliveryTime() <= nowMs;
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() throws IllegalStateException {
        session.requireOpen();
        if (closed) {
            throw new IllegalStateException("The browser of " + queue + " is closed");
        }
    }
}
