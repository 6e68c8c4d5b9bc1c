package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks how topics and brokers are configured, and where each value comes from (KIP-133, KIP-226). */
public record DescribeConfigsRequest(List<Resource> resources, boolean includeSynonyms, boolean includeDocumentation)
        implements Request {
    /**
     * @param configurationKeys null for all
     */
    public record Resource(byte resourceType, String resourceName, @Nullable List<String> configurationKeys) {
        static final Schema<Resource> SCHEMA = Schema.of(Resource.class)
                .field("resourceType", INT8)
                .field("resourceName", STRING)
                .field("configurationKeys", nullableListOf(STRING))
                .build();
    }

    public static final Schema<DescribeConfigsRequest> SCHEMA = Schema.of(DescribeConfigsRequest.class)
            .field("resources", listOf(Resource.SCHEMA))
            .field("includeSynonyms", BOOL.since(1))
            .field("includeDocumentation", BOOL.since(3))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_CONFIGS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var results = resources.stream()
                .map(resource -> DescribeConfigsResponse.Result.error(
                        resource.resourceType(), resource.resourceName(), error, null))
                .toList();
        return new DescribeConfigsResponse(0, results);
    }
}
