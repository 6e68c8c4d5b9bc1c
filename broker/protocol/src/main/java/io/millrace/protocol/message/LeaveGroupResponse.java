package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of each member that was to leave. */
public record LeaveGroupResponse(int throttleTimeMs, ErrorCode errorCode, List<Member> members) implements Response {
    public record Member(String memberId, @Nullable String groupInstanceId, ErrorCode errorCode) {
        static final Schema<Member> SCHEMA = Schema.of(Member.class)
                .field("memberId", STRING)
                .field("groupInstanceId", NULLABLE_STRING)
                .field("errorCode", ERROR_CODE)
                .build();
    }

    public static final Schema<LeaveGroupResponse> SCHEMA = Schema.of(LeaveGroupResponse.class)
            .field("throttleTimeMs", INT32.since(1))
            .field("errorCode", ERROR_CODE)
            .field("members", listOf(Member.SCHEMA).since(3).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LEAVE_GROUP;
    }
}
