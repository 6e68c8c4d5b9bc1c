package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Whether the owner of a temporary destination gets a record. UNKNOWN_TOPIC_OR_PARTITION: there is no such destination any more.
 * THROTTLING_QUOTA_EXCEEDED: there is no room for it now. MESSAGE_TOO_LARGE: there never will be.
 */
public record SendTemporaryResponse(ErrorCode errorCode, @Nullable String errorMessage) implements Response {
    public static final Schema<SendTemporaryResponse> SCHEMA = Schema.of(SendTemporaryResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.SEND_TEMPORARY;
    }
}
