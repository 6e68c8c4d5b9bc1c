package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.UUID;

/** Ends a subscription, whoever consumes it: what it has not acknowledged is nobody's any more. */
public record DeleteSubscriptionRequest(UUID topicId, long number, int timeoutMs) implements Request {
    public static final Schema<DeleteSubscriptionRequest> SCHEMA = Schema.of(DeleteSubscriptionRequest.class)
            .field("topicId", UUID)
            .field("number", INT64)
            .field("timeoutMs", INT32)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_SUBSCRIPTION;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DeleteSubscriptionResponse(0, error, null);
    }
}
