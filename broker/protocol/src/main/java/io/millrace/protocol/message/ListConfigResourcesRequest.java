package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Asks what is configured (KIP-1142).
 *
 * @param resourceTypes empty for all
 */
public record ListConfigResourcesRequest(List<Byte> resourceTypes) implements Request {
    public static final Schema<ListConfigResourcesRequest> SCHEMA = Schema.of(ListConfigResourcesRequest.class)
            .field("resourceTypes", listOf(INT8).since(1))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_CONFIG_RESOURCES;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new ListConfigResourcesResponse(0, error, List.of());
    }
}
