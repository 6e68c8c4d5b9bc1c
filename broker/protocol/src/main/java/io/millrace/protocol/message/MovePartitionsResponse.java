package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterPartitionReassignmentsResponse.Topic;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Which moves have begun or were cancelled, or why not. */
public record MovePartitionsResponse(int throttleTimeMs, ErrorCode errorCode, List<Topic> responses)
        implements Response {
    public static final Schema<MovePartitionsResponse> SCHEMA = Schema.of(MovePartitionsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("responses", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.MOVE_PARTITIONS;
    }
}
