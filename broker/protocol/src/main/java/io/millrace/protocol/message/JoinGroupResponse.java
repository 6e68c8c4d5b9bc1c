package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The generation that a member belongs to; its leader also learns of all members. */
public record JoinGroupResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        int generationId,
        @Nullable String protocolType,
        @Nullable String protocolName,
        String leader,
        boolean skipAssignment,
        String memberId,
        List<Member> members)
        implements Response {
    public record Member(String memberId, @Nullable String groupInstanceId, Bytes metadata) {
        static final Schema<Member> SCHEMA = Schema.of(Member.class)
                .field("memberId", STRING)
                .field("groupInstanceId", NULLABLE_STRING.since(5))
                .field("metadata", BYTES)
                .build();
    }

    public static final Schema<JoinGroupResponse> SCHEMA = Schema.of(JoinGroupResponse.class)
            .field("throttleTimeMs", INT32.since(2))
            .field("errorCode", ERROR_CODE)
            .field("generationId", INT32)
            .field("protocolType", NULLABLE_STRING.since(7))
            .field("protocolName", NULLABLE_STRING.nullableSince(7, ""))
            .field("leader", STRING)
            .field("skipAssignment", BOOL.since(9).required())
            .field("memberId", STRING)
            .field("members", listOf(Member.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.JOIN_GROUP;
    }

    public static JoinGroupResponse error(ErrorCode error, String memberId) {
        return new JoinGroupResponse(0, error, -1, null, null, "", false, memberId, List.of());
    }
}
