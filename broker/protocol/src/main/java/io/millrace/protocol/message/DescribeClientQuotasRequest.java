package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for quotas (KIP-546).
 *
 * @param strict whether entities are left out that have types which no component names
 */
public record DescribeClientQuotasRequest(List<Component> components, boolean strict) implements Request {
    public record Component(String entityType, byte matchType, @Nullable String match) {
        static final Schema<Component> SCHEMA = Schema.of(Component.class)
                .field("entityType", STRING)
                .field("matchType", INT8)
                .field("match", NULLABLE_STRING)
                .build();
    }

    public static final Schema<DescribeClientQuotasRequest> SCHEMA = Schema.of(DescribeClientQuotasRequest.class)
            .field("components", listOf(Component.SCHEMA))
            .field("strict", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_CLIENT_QUOTAS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeClientQuotasResponse(0, error, null, null);
    }
}
