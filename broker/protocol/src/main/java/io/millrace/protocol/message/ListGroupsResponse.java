package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** The groups that a broker coordinates. */
public record ListGroupsResponse(int throttleTimeMs, ErrorCode errorCode, List<Group> groups) implements Response {
    public record Group(String groupId, String protocolType, String groupState, String groupType) {
        static final Schema<Group> SCHEMA = Schema.of(Group.class)
                .field("groupId", STRING)
                .field("protocolType", STRING)
                .field("groupState", STRING.since(4))
                .field("groupType", STRING.since(5))
                .build();
    }

    public static final Schema<ListGroupsResponse> SCHEMA = Schema.of(ListGroupsResponse.class)
            .field("throttleTimeMs", INT32.since(1))
            .field("errorCode", ERROR_CODE)
            .field("groups", listOf(Group.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_GROUPS;
    }
}
