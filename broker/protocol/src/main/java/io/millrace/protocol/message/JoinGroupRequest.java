package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A consumer asks to become a member of a classic group, or says again that it is one. */
public record JoinGroupRequest(
        String groupId,
        int sessionTimeoutMs,
        int rebalanceTimeoutMs,
        String memberId,
        @Nullable String groupInstanceId,
        String protocolType,
        List<Protocol> protocols,
        @Nullable String reason)
        implements Request {
    public record Protocol(String name, Bytes metadata) {
        public static final Schema<Protocol> SCHEMA = Schema.of(Protocol.class)
                .field("name", STRING)
                .field("metadata", BYTES)
                .build();
    }

    public static final Schema<JoinGroupRequest> SCHEMA = Schema.of(JoinGroupRequest.class)
            .field("groupId", STRING)
            .field("sessionTimeoutMs", INT32)
            .field("rebalanceTimeoutMs", INT32.since(1).orElse(-1))
            .field("memberId", STRING)
            .field("groupInstanceId", NULLABLE_STRING.since(5).required())
            .field("protocolType", STRING)
            .field("protocols", listOf(Protocol.SCHEMA))
            .field("reason", NULLABLE_STRING.since(8))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.JOIN_GROUP;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return JoinGroupResponse.error(error, memberId);
    }
}
