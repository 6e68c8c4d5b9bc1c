package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The subscription that is there.
 *
 * @param number what fetches and acknowledgements name, as decimal text
 */
public record CreateSubscriptionResponse(
        int throttleTimeMs, ErrorCode errorCode, @Nullable String errorMessage, UUID topicId, long number)
        implements Response {
    public static final Schema<CreateSubscriptionResponse> SCHEMA = Schema.of(CreateSubscriptionResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("topicId", UUID)
            .field("number", INT64)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_SUBSCRIPTION;
    }
}
