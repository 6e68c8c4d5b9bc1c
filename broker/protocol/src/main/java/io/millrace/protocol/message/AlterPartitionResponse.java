package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/** The state of each partition after the change, or why it was refused. */
public record AlterPartitionResponse(ErrorCode errorCode, List<Topic> topics) implements Response {
    public record Partition(
            int partitionIndex,
            ErrorCode errorCode,
            int leaderId,
            int leaderEpoch,
            int partitionEpoch,
            List<Integer> inSyncReplicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32)
                .field("partitionEpoch", INT32)
                .field("inSyncReplicas", listOf(INT32))
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error, -1, -1, -1, List.of());
        }
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<AlterPartitionResponse> SCHEMA = Schema.of(AlterPartitionResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_PARTITION;
    }
}
