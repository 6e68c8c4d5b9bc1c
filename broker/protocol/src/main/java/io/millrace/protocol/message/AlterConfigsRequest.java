package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Replaces the whole configurations of topics and brokers (KIP-133); what is not named is set no more. */
public record AlterConfigsRequest(List<Resource> resources, boolean validateOnly) implements Request {
    public record Config(String name, @Nullable String value) {
        static final Schema<Config> SCHEMA = Schema.of(Config.class)
                .field("name", STRING)
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

    public static final Schema<AlterConfigsRequest> SCHEMA = Schema.of(AlterConfigsRequest.class)
            .field("resources", listOf(Resource.SCHEMA))
            .field("validateOnly", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_CONFIGS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var results = resources.stream()
                .map(resource ->
                        new AlterConfigsResponse.Result(error, null, resource.resourceType(), resource.resourceName()))
                .toList();
        return new AlterConfigsResponse(0, results);
    }
}
