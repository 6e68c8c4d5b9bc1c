package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The producers that partitions remember, and the transactions that are open there. */
public record DescribeProducersResponse(int throttleTimeMs, List<Topic> topics) implements Response {
    /**
     * A producer.
     *
     * @param lastTimestamp when it last wrote, milliseconds since 1970
     * @param currentTxnStartOffset of the transaction that is open; -1 for none
     */
    public record ProducerState(
            long producerId,
            int producerEpoch,
            int lastSequence,
            long lastTimestamp,
            int coordinatorEpoch,
            long currentTxnStartOffset) {
        static final Schema<ProducerState> SCHEMA = Schema.of(ProducerState.class)
                .field("producerId", INT64)
                .field("producerEpoch", INT32)
                .field("lastSequence", INT32.orElse(-1))
                .field("lastTimestamp", INT64.orElse(-1L))
                .field("coordinatorEpoch", INT32)
                .field("currentTxnStartOffset", INT64.orElse(-1L))
                .build();
    }

    public record Partition(
            int partitionIndex,
            ErrorCode errorCode,
            @Nullable String errorMessage,
            List<ProducerState> activeProducers) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .field("activeProducers", listOf(ProducerState.SCHEMA))
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error, null, List.of());
        }
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<DescribeProducersResponse> SCHEMA = Schema.of(DescribeProducersResponse.class)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_PRODUCERS;
    }
}
