package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Quotas, by what they concern. */
public record DescribeClientQuotasResponse(
        int throttleTimeMs, ErrorCode errorCode, @Nullable String errorMessage, @Nullable List<Entry> entries)
        implements Response {
    /**
     * @param entityName null for the default
     */
    public record Entity(String entityType, @Nullable String entityName) {
        static final Schema<Entity> SCHEMA = Schema.of(Entity.class)
                .field("entityType", STRING)
                .field("entityName", NULLABLE_STRING)
                .build();
    }

    public record Value(String key, double value) {
        static final Schema<Value> SCHEMA = Schema.of(Value.class)
                .field("key", STRING)
                .field("value", FLOAT64)
                .build();
    }

    public record Entry(List<Entity> entity, List<Value> values) {
        static final Schema<Entry> SCHEMA = Schema.of(Entry.class)
                .field("entity", listOf(Entity.SCHEMA))
                .field("values", listOf(Value.SCHEMA))
                .build();
    }

    public static final Schema<DescribeClientQuotasResponse> SCHEMA = Schema.of(DescribeClientQuotasResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("entries", nullableListOf(Entry.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_CLIENT_QUOTAS;
    }
}
