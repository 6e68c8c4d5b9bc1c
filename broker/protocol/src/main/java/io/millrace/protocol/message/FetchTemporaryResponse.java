package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** What was sent to temporary destinations, in the order of the sends. RESOURCE_NOT_FOUND: the connection has none. */
public record FetchTemporaryResponse(ErrorCode errorCode, List<Sent> sent) implements Response {
    /** A record batch as it was sent to one destination. */
    public record Sent(String destination, Bytes batch) {
        static final Schema<Sent> SCHEMA = Schema.of(Sent.class)
                .field("destination", STRING)
                .field("batch", BYTES)
                .build();
    }

    public static final Schema<FetchTemporaryResponse> SCHEMA = Schema.of(FetchTemporaryResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("sent", listOf(Sent.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.FETCH_TEMPORARY;
    }
}
