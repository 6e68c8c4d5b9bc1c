package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionReassignmentsRequest.Topic;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Moves partitions as AlterPartitionReassignments does, and says how fast.
 *
 * @param throttleBytesPerSecond what each broker may fetch in a second for the replicas that it is given; 0 leaves that to the broker
 */
public record MovePartitionsRequest(int timeoutMs, long throttleBytesPerSecond, List<Topic> topics) implements Request {
    public static final Schema<MovePartitionsRequest> SCHEMA = Schema.of(MovePartitionsRequest.class)
            .field("timeoutMs", INT32)
            .field("throttleBytesPerSecond", INT64)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.MOVE_PARTITIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new MovePartitionsResponse(0, error, List.of());
    }
}
