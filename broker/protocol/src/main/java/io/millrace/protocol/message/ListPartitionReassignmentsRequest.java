package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks which moves are under way (KIP-455).
 *
 * @param topics null for all
 */
public record ListPartitionReassignmentsRequest(int timeoutMs, @Nullable List<Topic> topics) implements Request {
    public record Topic(String name, List<Integer> partitionIndexes) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitionIndexes", listOf(INT32))
                .build();
    }

    public static final Schema<ListPartitionReassignmentsRequest> SCHEMA = Schema.of(
                    ListPartitionReassignmentsRequest.class)
            .field("timeoutMs", INT32)
            .field("topics", nullableListOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new ListPartitionReassignmentsResponse(0, error, null, List.of());
    }
}
