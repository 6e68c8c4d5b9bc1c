package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks one broker for the replicas it holds.
 *
 * @param topics null for all
 */
public record DescribeReplicasRequest(@Nullable List<String> topics) implements Request {
    public static final Schema<DescribeReplicasRequest> SCHEMA = Schema.of(DescribeReplicasRequest.class)
            .field("topics", nullableListOf(STRING))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_REPLICAS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeReplicasResponse(0, error, List.of());
    }
}
