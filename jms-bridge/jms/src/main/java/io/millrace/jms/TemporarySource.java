package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One consumer of a temporary destination of its own connection. */
final class TemporarySource implements MessageSource {
    private final TemporaryMailbox mailbox;
    private final TemporaryBox box;
    private final MessageSelector selector;
    private final Bell bell;
    private final InstantSource clock;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean fresh = true;

    TemporarySource(
            TemporaryMailbox mailbox, TemporaryBox box, MessageSelector selector, Bell bell, InstantSource clock) {
        this.mailbox = mailbox;
        this.box = box;
        this.selector = selector;
        this.bell = bell;
        this.clock = clock;
        box.listen(bell);
    }

    TemporaryBox box() {
        return box;
    }

    @Override
    public @Nullable Delivery poll() throws JMSException {
        MessageDecoder.Content content = box.take(this, selector, clock.millis());
        if (content != null) {
            fresh = false;
            return new Delivery(this, content, null);
        }
        mailbox.requireNotLost();
        return null;
    }

    @Override
    public CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type) {
        box.settle(deliveries, type);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public MessageSelector selector() {
        return selector;
    }

    @Override
    public boolean isFresh() {
        return fresh;
    }

    @Override
    public void giveBackUnpolled() {
        // What was not polled is in the box, which all consumers share.
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            box.unlisten(bell);
            mailbox.onClosed(this);
        }
    }
}
