package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The leader of a generation hands out the assignments, every other member asks for its own. */
public record SyncGroupRequest(
        String groupId,
        int generationId,
        String memberId,
        @Nullable String groupInstanceId,
        @Nullable String protocolType,
        @Nullable String protocolName,
        List<Assignment> assignments)
        implements Request {
    public record Assignment(String memberId, Bytes assignment) {
        static final Schema<Assignment> SCHEMA = Schema.of(Assignment.class)
                .field("memberId", STRING)
                .field("assignment", BYTES)
                .build();
    }

    public static final Schema<SyncGroupRequest> SCHEMA = Schema.of(SyncGroupRequest.class)
            .field("groupId", STRING)
            .field("generationId", INT32)
            .field("memberId", STRING)
            .field("groupInstanceId", NULLABLE_STRING.since(3).required())
            .field("protocolType", NULLABLE_STRING.since(5))
            .field("protocolName", NULLABLE_STRING.since(5))
            .field("assignments", listOf(Assignment.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.SYNC_GROUP;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return SyncGroupResponse.error(error);
    }
}
