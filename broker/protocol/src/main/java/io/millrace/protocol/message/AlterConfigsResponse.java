package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which configurations have been changed, or why not. */
public record AlterConfigsResponse(int throttleTimeMs, List<Result> responses) implements Response {
    public record Result(ErrorCode errorCode, @Nullable String errorMessage, byte resourceType, String resourceName) {
        static final Schema<Result> SCHEMA = Schema.of(Result.class)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .field("resourceType", INT8)
                .field("resourceName", STRING)
                .build();
    }

    public static final Schema<AlterConfigsResponse> SCHEMA = Schema.of(AlterConfigsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("responses", listOf(Result.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ALTER_CONFIGS;
    }
}
