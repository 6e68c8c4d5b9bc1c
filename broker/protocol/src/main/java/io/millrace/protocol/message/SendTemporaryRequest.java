package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;

/**
 * Sends one record to a temporary destination. Any connection may, but only to the broker that has the destination, which its name tells.
 *
 * @param batch a record batch with one record
 */
public record SendTemporaryRequest(String destination, Bytes batch) implements Request {
    public static final Schema<SendTemporaryRequest> SCHEMA = Schema.of(SendTemporaryRequest.class)
            .field("destination", STRING)
            .field("batch", BYTES)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.SEND_TEMPORARY;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new SendTemporaryResponse(error, null);
    }
}
