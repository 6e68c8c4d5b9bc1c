package io.millrace.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Sends records in batches, per partition in the order of the calls.
 *
 * <p>Safe for use by any thread. With {@code acks=all} the producer is idempotent (KIP-98): a retry never stores a
 * record twice and never reorders. Changes of leadership and lost connections are retried until
 * {@code delivery.timeout.ms} has passed; then the future fails with a {@link ClientException} that says what, where
 * and why.
 */
public interface Producer extends AutoCloseable {

    /**
     * Adds a record to a batch. Blocks only while the producer's buffer is full, at most {@code max.block.ms}.
     *
     * @return completes, on an event loop that must not be blocked, when the record is acknowledged; fails with a {@link ClientException} where it is not, or names a
     *     partition that does not exist
     * @throws ClientException where the record cannot be sent at all: it is too large, or the producer is closed
     */
    CompletableFuture<RecordMetadata> send(ProducerRecord record);

    /** Sends what is batched now, and completes when all of it is acknowledged or has failed. */
    CompletableFuture<Void> flush();

    /** Waits at most this long for what is under way; what is then left fails. */
    void close(Duration timeout);

    @Override
    default void close() {
        close(Duration.ofSeconds(30));
    }
}
