package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes single settings of topics and brokers (KIP-339). */
public record IncrementalAlterConfigsRequest(List<Resource> resources, boolean validateOnly) implements Request {
    public record Config(String name, byte configOperation, @Nullable String value) {
        static final Schema<Config> SCHEMA = Schema.of(Config.class)
                .field("name", STRING)
                .field("configOperation", INT8)
                .field("value", NULLABLE_STRING)
                .build();
    }

    public record Resource(byte resourceType, String resourceName, List<Config> configs) {
        static final Schema<Resource> SCHEMA = Schema.of(Resource.class)
                .field("resourceType", INT8)
                .field("resourceName", STRING)
                .field("configs", listOf(Config.SCHEMA))
                .build();
    }

    public static final Schema<IncrementalAlterConfigsRequest> SCHEMA = Schema.of(IncrementalAlterConfigsRequest.class)
            .field("resources", listOf(Resource.SCHEMA))
            .field("validateOnly", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.INCREMENTAL_ALTER_CONFIGS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var results = resources.stream()
                .map(resource -> new IncrementalAlterConfigsResponse.Result(
                        error, null, resource.resourceType(), resource.resourceName()))
                .toList();
        return new IncrementalAlterConfigsResponse(0, results);
    }
}
