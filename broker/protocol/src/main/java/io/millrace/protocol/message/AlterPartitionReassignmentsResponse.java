package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which moves have begun or were cancelled, or why not. */
public record AlterPartitionReassignmentsResponse(
        int throttleTimeMs,
        boolean allowReplicationFactorChange,
        ErrorCode errorCode,
        @Nullable String errorMessage,
        List<Topic> responses)
        implements Response {
    public record Partition(int partitionIndex, ErrorCode errorCode, @Nullable String errorMessage) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<AlterPartitionReassignmentsResponse> SCHEMA = Schema.of(
                    AlterPartitionReassignmentsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("allowReplicationFactorChange", BOOL.since(1).orElse(true))
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("responses", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_PARTITION_REASSIGNMENTS;
    }
}
