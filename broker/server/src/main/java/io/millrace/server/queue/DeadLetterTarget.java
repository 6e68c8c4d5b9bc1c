package io.millrace.server.queue;

import io.millrace.protocol.ErrorCode;
import io.millrace.replication.PartitionKey;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where dead letters go. Thread-safe; never blocks; failures say what was wrong. */
public interface DeadLetterTarget {
    /** Of brokers that have none: nothing is ever dead there. */
    DeadLetterTarget NONE = new DeadLetterTarget() {
        @Override
        public CompletableFuture<Address> find(PartitionKey source, @Nullable String subscription) {
            return CompletableFuture.failedFuture(new IllegalStateException("there is no dead-letter queue"));
        }

        @Override
        public Origin origin(PartitionKey source, @Nullable String subscription) {
            return new Origin(source.topicId().toString(), subscription);
        }

        @Override
        public CompletableFuture<ErrorCode> append(String queue, int partition, ByteBuf batch) {
            batch.release();
            return CompletableFuture.completedFuture(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
    };

    /**
     * A partition of a dead-letter queue, and who writes to it.
     *
     * @param producerId that nobody has used before
     * @param batchBytesMax the largest batch it takes
     */
    record Address(String queue, int partition, long producerId, int batchBytesMax) {}

    /**
     * Where a dead letter is from, as people call it.
     *
     * @param subscription null where it is from a queue
     */
    record Origin(String destination, @Nullable String subscription) {}

    /** The dead-letter queue of a destination, which is created where it is missing. */
    CompletableFuture<Address> find(PartitionKey source, @Nullable String subscription);

    Origin origin(PartitionKey source, @Nullable String subscription);

    /**
     * Appends a batch of a producer; answers when it is committed, also where it was before.
     *
     * @param batch ownership passes
     */
    CompletableFuture<ErrorCode> append(String queue, int partition, ByteBuf batch);
}
