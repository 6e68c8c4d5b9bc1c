package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks the coordinator of some groups for their state and members; KIP-848's groups have {@link ConsumerGroupDescribeRequest}. */
public record DescribeGroupsRequest(List<String> groups, boolean includeAuthorizedOperations) implements Request {

    public static final Schema<DescribeGroupsRequest> SCHEMA = Schema.of(DescribeGroupsRequest.class)
            .field("groups", listOf(STRING))
            .field("includeAuthorizedOperations", BOOL.since(3).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_GROUPS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeGroupsResponse(
                0,
                groups.stream()
                        .map(groupId -> DescribeGroupsResponse.Group.error(groupId, error))
                        .toList());
    }
}
