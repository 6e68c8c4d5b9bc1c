package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The moves that are under way. */
public record ListPartitionReassignmentsResponse(
        int throttleTimeMs, ErrorCode errorCode, @Nullable String errorMessage, List<Topic> topics)
        implements Response {
    public record Partition(
            int partitionIndex, List<Integer> replicas, List<Integer> addingReplicas, List<Integer> removingReplicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("replicas", listOf(INT32))
                .field("addingReplicas", listOf(INT32))
                .field("removingReplicas", listOf(INT32))
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ListPartitionReassignmentsResponse> SCHEMA = Schema.of(
                    ListPartitionReassignmentsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_PARTITION_REASSIGNMENTS;
    }
}
