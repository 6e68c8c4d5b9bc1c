package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks a broker for the groups that it coordinates. An empty filter lets all pass; names are compared without regard to case. */
public record ListGroupsRequest(List<String> statesFilter, List<String> typesFilter) implements Request {

    public static final Schema<ListGroupsRequest> SCHEMA = Schema.of(ListGroupsRequest.class)
            .field("statesFilter", listOf(STRING).since(4).required())
            .field("typesFilter", listOf(STRING).since(5).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_GROUPS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new ListGroupsResponse(0, error, List.of());
    }
}
