package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Ends a temporary destination of this connection; what was sent to it and not fetched is nobody's any more. */
public record DeleteTemporaryDestinationRequest(String name) implements Request {
    public static final Schema<DeleteTemporaryDestinationRequest> SCHEMA = Schema.of(
                    DeleteTemporaryDestinationRequest.class)
            .field("name", STRING)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_TEMPORARY_DESTINATION;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DeleteTemporaryDestinationResponse(error);
    }
}
