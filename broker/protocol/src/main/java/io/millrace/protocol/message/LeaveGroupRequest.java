package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes members out of a group: up to version 2 the sender alone, from version 3 on any. */
public record LeaveGroupRequest(String groupId, String memberId, List<Member> members) implements Request {
    public record Member(String memberId, @Nullable String groupInstanceId, @Nullable String reason) {
        static final Schema<Member> SCHEMA = Schema.of(Member.class)
                .field("memberId", STRING)
                .field("groupInstanceId", NULLABLE_STRING)
                .field("reason", NULLABLE_STRING.since(5))
                .build();
    }

    public static final Schema<LeaveGroupRequest> SCHEMA = Schema.of(LeaveGroupRequest.class)
            .field("groupId", STRING)
            .field("memberId", STRING.until(2).required())
            .field("members", listOf(Member.SCHEMA).since(3).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LEAVE_GROUP;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new LeaveGroupResponse(0, error, List.of());
    }
}
