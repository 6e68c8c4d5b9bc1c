package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks the coordinator of some consumer groups (KIP-848) for their state and members. */
public record ConsumerGroupDescribeRequest(List<String> groupIds, boolean includeAuthorizedOperations)
        implements Request {

    public static final Schema<ConsumerGroupDescribeRequest> SCHEMA = Schema.of(ConsumerGroupDescribeRequest.class)
            .field("groupIds", listOf(STRING))
            .field("includeAuthorizedOperations", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CONSUMER_GROUP_DESCRIBE;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new ConsumerGroupDescribeResponse(
                0,
                groupIds.stream()
                        .map(groupId -> ConsumerGroupDescribeResponse.Group.error(groupId, error, null))
                        .toList());
    }
}
