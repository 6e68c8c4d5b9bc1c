package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/** Tells the group coordinator that a member is alive. */
public record HeartbeatRequest(String groupId, int generationId, String memberId, @Nullable String groupInstanceId)
        implements Request {

    public static final Schema<HeartbeatRequest> SCHEMA = Schema.of(HeartbeatRequest.class)
            .field("groupId", STRING)
            .field("generationId", INT32)
            .field("memberId", STRING)
            .field("groupInstanceId", NULLABLE_STRING.since(3).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.HEARTBEAT;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new HeartbeatResponse(0, error);
    }
}
