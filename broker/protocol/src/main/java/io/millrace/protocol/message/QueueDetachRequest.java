package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.UUID;

/** Releases everything that the consumer has acquired over this connection. */
public record QueueDetachRequest(UUID consumerId) implements Request {
    public static final Schema<QueueDetachRequest> SCHEMA =
            Schema.of(QueueDetachRequest.class).field("consumerId", UUID).build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_DETACH;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new QueueDetachResponse(error);
    }
}
