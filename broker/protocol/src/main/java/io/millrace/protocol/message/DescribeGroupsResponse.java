package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** State and members of classic groups. */
public record DescribeGroupsResponse(int throttleTimeMs, List<Group> groups) implements Response {
    /** The operations that the client may do, where it did not ask. */
    public static final int OPERATIONS_NOT_ASKED = Integer.MIN_VALUE;

    public record Member(
            String memberId,
            @Nullable String groupInstanceId,
            String clientId,
            String clientHost,
            Bytes memberMetadata,
            Bytes memberAssignment) {
        static final Schema<Member> SCHEMA = Schema.of(Member.class)
                .field("memberId", STRING)
                .field("groupInstanceId", NULLABLE_STRING.since(4))
                .field("clientId", STRING)
                .field("clientHost", STRING)
                .field("memberMetadata", BYTES)
                .field("memberAssignment", BYTES)
                .build();
    }

    public record Group(
            ErrorCode errorCode,
            @Nullable String errorMessage,
            String groupId,
            String groupState,
            String protocolType,
            String protocolData,
            List<Member> members,
            int authorizedOperations) {
        static final Schema<Group> SCHEMA = Schema.of(Group.class)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING.since(6))
                .field("groupId", STRING)
                .field("groupState", STRING)
                .field("protocolType", STRING)
                .field("protocolData", STRING)
                .field("members", listOf(Member.SCHEMA))
                .field("authorizedOperations", INT32.since(3).orElse(OPERATIONS_NOT_ASKED))
                .build();

        public static Group error(String groupId, ErrorCode error) {
            return new Group(error, null, groupId, "", "", "", List.of(), OPERATIONS_NOT_ASKED);
        }
    }

    public static final Schema<DescribeGroupsResponse> SCHEMA = Schema.of(DescribeGroupsResponse.class)
            .field("throttleTimeMs", INT32.since(1))
            .field("groups", listOf(Group.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_GROUPS;
    }
}
