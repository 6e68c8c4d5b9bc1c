package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Moves partitions to other replicas (KIP-455). */
public record AlterPartitionReassignmentsRequest(
        int timeoutMs, boolean allowReplicationFactorChange, List<Topic> topics) implements Request {
    /**
     * A partition.
     *
     * @param replicas null to cancel the move that is under way
     */
    public record Partition(int partitionIndex, @Nullable List<Integer> replicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("replicas", nullableListOf(INT32))
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<AlterPartitionReassignmentsRequest> SCHEMA = Schema.of(
                    AlterPartitionReassignmentsRequest.class)
            .field("timeoutMs", INT32)
            .field("allowReplicationFactorChange", BOOL.since(1).orElse(true))
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_PARTITION_REASSIGNMENTS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new AlterPartitionReassignmentsResponse(0, allowReplicationFactorChange, error, null, List.of());
    }
}
