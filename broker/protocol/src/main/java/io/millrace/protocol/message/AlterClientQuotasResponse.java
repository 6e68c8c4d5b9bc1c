package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which quotas have been changed, or why not. */
public record AlterClientQuotasResponse(int throttleTimeMs, List<Entry> entries) implements Response {
    public record Entry(
            ErrorCode errorCode, @Nullable String errorMessage, List<AlterClientQuotasRequest.Entity> entity) {
        static final Schema<Entry> SCHEMA = Schema.of(Entry.class)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .field("entity", listOf(AlterClientQuotasRequest.Entity.SCHEMA))
                .build();
    }

    public static final Schema<AlterClientQuotasResponse> SCHEMA = Schema.of(AlterClientQuotasResponse.class)
            .field("throttleTimeMs", INT32)
            .field("entries", listOf(Entry.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_CLIENT_QUOTAS;
    }
}
