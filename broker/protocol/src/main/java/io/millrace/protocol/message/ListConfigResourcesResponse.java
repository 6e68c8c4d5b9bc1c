package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** What is configured. */
public record ListConfigResourcesResponse(int throttleTimeMs, ErrorCode errorCode, List<Resource> configResources)
        implements Response {
    public record Resource(String resourceName, byte resourceType) {
        static final Schema<Resource> SCHEMA = Schema.of(Resource.class)
                .field("resourceName", STRING)
                .field("resourceType", INT8.since(1).orElse((byte) 16))
                .build();
    }

    public static final Schema<ListConfigResourcesResponse> SCHEMA = Schema.of(ListConfigResourcesResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("configResources", listOf(Resource.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_CONFIG_RESOURCES;
    }
}
