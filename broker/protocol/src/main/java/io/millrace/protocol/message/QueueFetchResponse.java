package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Records that the consumer has acquired. Owns its records until it is handed over to a frame.
 *
 * <p>The batches, in the order of their offsets, may hold more than was acquired; only the ranges named are the consumer's to deliver, in
 * the order in which they are named.
 *
 * @param errorMessage why the whole request is refused, where that is no selector
 */
public record QueueFetchResponse(
        int throttleTimeMs, ErrorCode errorCode, List<Topic> topics, @Nullable String errorMessage)
        implements Response {
    /** Both offsets belong to the range. */
    public record AcquiredRange(long firstOffset, long lastOffset, short deliveryCount) {
        static final Schema<AcquiredRange> SCHEMA = Schema.of(AcquiredRange.class)
                .field("firstOffset", INT64)
                .field("lastOffset", INT64)
                .field("deliveryCount", INT16)
                .build();
    }

    /**
     * What becomes of records that are released, so that a consumer that delivers records again itself knows when to leave that to the broker.
     *
     * @param deliveriesMax how often a record is delivered before it goes to the dead-letter queue; 0: without end
     * @param delayMs how long the broker lets a record wait that was delivered once; 0: it lets none wait
     */
    public record Redelivery(int deliveriesMax, long delayMs) {
        /** At once, and without end. */
        public static final Redelivery UNLIMITED = new Redelivery(0, 0);

        static final Schema<Redelivery> SCHEMA = Schema.of(Redelivery.class)
                .field("deliveriesMax", INT32)
                .field("delayMs", INT64)
                .build();
    }

    public record Partition(
            int partitionIndex,
            ErrorCode errorCode,
            ErrorCode acknowledgeErrorCode,
            int leaderId,
            int leaderEpoch,
            @Nullable Records records,
            List<AcquiredRange> acquired,
            Redelivery redelivery) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("acknowledgeErrorCode", ERROR_CODE)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32)
                .field("records", RECORDS)
                .field("acquired", listOf(AcquiredRange.SCHEMA))
                .field(
                        "redelivery",
                        struct(Redelivery.SCHEMA, Redelivery.UNLIMITED).tag(0))
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error, error, -1, -1, Records.EMPTY, List.of(), Redelivery.UNLIMITED);
        }
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<QueueFetchResponse> SCHEMA = Schema.of(QueueFetchResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("topics", listOf(Topic.SCHEMA))
            .field("errorMessage", NULLABLE_STRING.since(1))
            .build();

    public QueueFetchResponse(int throttleTimeMs, ErrorCode errorCode, List<Topic> topics) {
        this(throttleTimeMs, errorCode, topics, null);
    }

    public QueueFetchResponse because(@Nullable String why) {
        return new QueueFetchResponse(throttleTimeMs, errorCode, topics, why);
    }

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_FETCH;
    }

    @Override
    public void releaseRecords() {
        for (Topic topic : topics) {
            for (Partition partition : topic.partitions()) {
                if (partition.records() != null) {
                    partition.records().release();
                }
            }
        }
    }
}
