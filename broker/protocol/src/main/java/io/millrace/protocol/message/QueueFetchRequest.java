package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of a queue or a durable subscription acquires records, and may settle some that it has.
 *
 * <p>What is acquired belongs to the consumer id and lives with the connection of the fetch: when that closes, everything it
 * brought and that is not settled is available to others, its delivery counted. Settling may go over any connection. A fetch
 * waits until one of its partitions has something, and then brings what that one has; one that carries
 * acknowledgements waits no longer than for these to be committed.
 *
 * <p>Answers leave in the order of their requests, so a fetch that the broker holds back for want of messages is answered,
 * with none, as soon as another request about queues comes over the same connection: an acknowledgement must not wait as
 * long as the fetch before it. A consumer has one connection of its own to each broker, and one fetch under way on it.
 *
 * @param consumerId random, so that no other consumer has it
 * @param maxWaitMs how long it waits where there is nothing
 * @param maxRecords the most records it acquires; 0 to settle only
 * @param maxBytes about how many bytes of batches it brings; at least one batch
 * @param subscription null for the built-in one of a queue
 * @param selector of a queue's consumer, the same in all its fetches, which gets nothing but what matches; null: there is none
 */
public record QueueFetchRequest(
        UUID consumerId,
        @Nullable String subscription,
        int maxWaitMs,
        int maxRecords,
        int maxBytes,
        List<Topic> topics,
        @Nullable String selector)
        implements Request {
    public record Partition(int partitionIndex, List<AcknowledgementBatch> acknowledgements) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("acknowledgements", listOf(AcknowledgementBatch.SCHEMA))
                .build();
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<QueueFetchRequest> SCHEMA = Schema.of(QueueFetchRequest.class)
            .field("consumerId", UUID)
            .field("subscription", NULLABLE_STRING)
            .field("maxWaitMs", INT32)
            .field("maxRecords", INT32)
            .field("maxBytes", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .field("selector", NULLABLE_STRING.since(1).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_FETCH;
    }

    @Override
    public QueueFetchResponse errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new QueueFetchResponse.Topic(
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(partition -> QueueFetchResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new QueueFetchResponse(0, error, failed, null);
    }
}
