package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for topics and queues with all that Metadata does not say.
 *
 * @param names null for all
 */
public record DescribeDestinationsRequest(@Nullable List<String> names, boolean includeConfigs) implements Request {
    public static final Schema<DescribeDestinationsRequest> SCHEMA = Schema.of(DescribeDestinationsRequest.class)
            .field("names", nullableListOf(STRING))
            .field("includeConfigs", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_DESTINATIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        List<String> named = names == null ? List.of() : names;
        var failed = named.stream()
                .map(name -> DescribeDestinationsResponse.Destination.error(name, error))
                .toList();
        return new DescribeDestinationsResponse(0, error, -1, List.of(), failed);
    }
}
