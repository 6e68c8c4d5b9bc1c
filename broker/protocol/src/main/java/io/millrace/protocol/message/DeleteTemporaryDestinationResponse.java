package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Whether the temporary destination has ended: UNKNOWN_TOPIC_OR_PARTITION where the connection has none of the name. */
public record DeleteTemporaryDestinationResponse(ErrorCode errorCode) implements Response {
    public static final Schema<DeleteTemporaryDestinationResponse> SCHEMA = Schema.of(
                    DeleteTemporaryDestinationResponse.class)
            .field("errorCode", ERROR_CODE)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_TEMPORARY_DESTINATION;
    }
}
