package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/**
 * Makes a temporary queue or topic, which belongs to the connection of this request: it ends with it, and what is sent to it is fetched over it.
 *
 * <p>Answers leave in the order of their requests, so a {@link FetchTemporaryRequest} that the broker holds is answered as soon as another request
 * about temporary destinations comes over the same connection.
 */
public record CreateTemporaryDestinationRequest(boolean isTopic) implements Request {
    public static final Schema<CreateTemporaryDestinationRequest> SCHEMA = Schema.of(
                    CreateTemporaryDestinationRequest.class)
            .field("isTopic", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_TEMPORARY_DESTINATION;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new CreateTemporaryDestinationResponse(error, null, "");
    }
}
