package io.millrace.client;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Receives messages of a queue and settles each of them.
 *
 * <p>A received message is acquired: no other consumer gets it until it is released, or until this consumer or its
 * connection ends. Up to {@code prefetch} messages are acquired ahead. Lost brokers are retried for ever, with back-off;
 * what was acquired from a lost broker may be delivered again, marked by its delivery count.
 *
 * <p>Safe for use by any thread.
 */
public interface QueueConsumer extends AutoCloseable {

    /**
     * Completes when the consumer has its queue or subscription; fails with {@code NON_EMPTY_GROUP} where the subscription is not shared and another consumer
     * has it, and with {@code RESOURCE_NOT_FOUND} where it has ended. A queue has no such bounds.
     */
    default CompletableFuture<Void> attached() {
        return CompletableFuture.completedFuture(null);
    }

    /**
     * The next message, or null when none came in time or the consumer was closed meanwhile.
     *
     * @param timeout zero: what is here already; {@link #FOREVER}: no bound
     */
    @Nullable
    QueueMessage receive(Duration timeout) throws InterruptedException;

    Duration FOREVER = Duration.ofMillis(Long.MAX_VALUE);

    /**
     * Settles messages of this consumer. They may be of several partitions; those of one partition that are accepted
     * or rejected take effect together.
     *
     * <p>A message that is released has been delivered as often as its delivery count says, which may have been raised since
     * it was received ({@link QueueMessage#withDeliveryCount}), or lowered by one where the application has not seen it.
     *
     * @return completes when the acknowledgements are committed: after that the messages are never delivered again
     *     (or, released, are available to every consumer with their count kept). Fails with a {@link ClientException} where a message is no longer
     *     acquired by this consumer, for instance since its broker was lost; it then is delivered again.
     */
    CompletableFuture<Void> acknowledge(Collection<QueueMessage> messages, AcknowledgeType type);

    /**
     * The same, with the reason why messages are released or rejected, as whoever reads the dead-letter queue will find it.
     *
     * @param error such as the class and message of an exception; null: none
     */
    default CompletableFuture<Void> acknowledge(
            Collection<QueueMessage> messages, AcknowledgeType type, @Nullable String error) {
        return acknowledge(messages, type);
    }

    /** What the broker does with messages that are released, as it has told last. */
    default QueueRedelivery redelivery() {
        return QueueRedelivery.UNLIMITED;
    }

    /**
     * Called on an internal thread whenever a message has become available to {@link #receive}; spurious calls happen.
     * For dispatchers that do not want to block a thread. At most one listener.
     */
    void onAvailable(Runnable listener);

    /** Gives back what was prefetched and not received. Messages received stay acquired until they are settled or the consumer is closed. */
    CompletableFuture<Void> releasePrefetched();

    /** Stops fetching and gives back everything that was acquired and not settled. Idempotent. */
    @Override
    void close();
}
