package io.millrace.jms;

import io.millrace.client.QueueMessage;
import io.millrace.selector.MessageSelector;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A temporary destination at its owner's: its messages and its consumers. A queue's consumers share one {@link TemporaryBox}, each of a topic's has its own.
 *
 * <p>Guarded by this. Boxes are leaves: their monitors are taken inside of this one, never the other way round.
 */
final class TemporaryMailbox {
    private final MillraceDestination destination;
    private final IntConsumer onConsumed;
    private final InstantSource clock;
    private final TemporaryBox shared = new TemporaryBox(); // of a queue
    private final List<TemporarySource> sources = new ArrayList<>();
    private boolean deleted;
    private @Nullable String whyLost;

    /** @param onConsumed told how many bytes of the destination's bounds are free again */
    TemporaryMailbox(MillraceDestination destination, IntConsumer onConsumed, InstantSource clock) {
        this.destination = destination;
        this.onConsumed = onConsumed;
        this.clock = clock;
    }

    private boolean isQueue() {
        return destination instanceof MillraceQueue;
    }

    /** A consumer; what a topic gets from now on is its, too. */
    synchronized TemporarySource open(MessageSelector selector, Bell bell) throws JMSException {
        requireNotLost();
        if (deleted) {
            throw new InvalidDestinationException(destination + " was deleted");
        }
        TemporaryBox box = isQueue() ? shared : new TemporaryBox();
        var source = new TemporarySource(this, box, selector, bell, clock);
        sources.add(source);
        return source;
    }

    /** On an event loop. */
    void onMessage(QueueMessage message, int bytes) {
        List<TemporaryBox> targets;
        synchronized (this) {
            targets = isQueue()
                    ? List.of(shared)
                    : sources.stream().map(TemporarySource::box).toList();
        }
        if (targets.isEmpty()) {
            onConsumed.accept(bytes);
            return;
        }
        var left = new AtomicInteger(targets.size());
        long nowMs = clock.millis();
        for (TemporaryBox target : targets) {
            target.add(destination, message, nowMs, () -> {
                if (left.decrementAndGet() == 0) {
                    onConsumed.accept(bytes);
                }
            });
        }
    }

    /** From now on nobody consumes; what waits is nobody's. */
    synchronized void delete() throws JMSException {
        if (!sources.isEmpty()) {
            throw new IllegalStateException(
                    destination + " has " + sources.size() + " consumer(s); close them before it is deleted");
        }
        deleted = true;
        shared.clear();
    }

    /** The broker that had it is gone, or the way there: consumers get what has come so far, then this. */
    void onLost(String why) {
        List<TemporarySource> wakened;
        synchronized (this) {
            whyLost = why;
            wakened = List.copyOf(sources);
        }
        wakened.forEach(source -> source.box().ring());
    }

    synchronized void requireNotLost() throws InvalidDestinationException {
        if (whyLost != null) {
            throw new InvalidDestinationException(destination + " is lost: " + whyLost
                    + ". A temporary destination lives as long as its connection to one broker; create another one");
        }
    }

    synchronized void onClosed(TemporarySource source) {
        sources.remove(source);
        if (isQueue()) {
            shared.release(source);
        } else {
            source.box().clear();
        }
    }

    /** What is not settled. */
    synchronized List<MessageDecoder.Content> contents() throws JMSException {
        requireNotLost();
        return shared.contents();
    }
}
