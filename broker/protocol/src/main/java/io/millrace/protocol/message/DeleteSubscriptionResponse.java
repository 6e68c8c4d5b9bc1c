package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/** Whether a subscription has ended. */
public record DeleteSubscriptionResponse(int throttleTimeMs, ErrorCode errorCode, @Nullable String errorMessage)
        implements Response {
    public static final Schema<DeleteSubscriptionResponse> SCHEMA = Schema.of(DeleteSubscriptionResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_SUBSCRIPTION;
    }
}
