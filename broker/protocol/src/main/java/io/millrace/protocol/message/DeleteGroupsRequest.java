package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Has groups forgotten that have no members, with their offsets. */
public record DeleteGroupsRequest(List<String> groupsNames) implements Request {

    public static final Schema<DeleteGroupsRequest> SCHEMA = Schema.of(DeleteGroupsRequest.class)
            .field("groupsNames", listOf(STRING))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_GROUPS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DeleteGroupsResponse(
                0,
                groupsNames.stream()
                        .distinct()
                        .map(groupId -> new DeleteGroupsResponse.Result(groupId, error, null))
                        .toList());
    }
}
