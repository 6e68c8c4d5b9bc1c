package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Whether everything was released. */
public record QueueDetachResponse(ErrorCode errorCode) implements Response {
    public static final Schema<QueueDetachResponse> SCHEMA =
            Schema.of(QueueDetachResponse.class).field("errorCode", ERROR_CODE).build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_DETACH;
    }
}
