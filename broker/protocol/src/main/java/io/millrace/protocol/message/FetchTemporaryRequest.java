package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Fetches what was sent to the temporary destinations of this connection, waiting where there is nothing. What is fetched is the owner's alone: the
 * broker forgets it, but for how much of it is not consumed yet, which bounds what it takes for the destination.
 *
 * @param maxBytes about how many bytes of batches the answer brings, at least one batch
 * @param consumed what the owner is done with since the fetch before
 */
public record FetchTemporaryRequest(int maxWaitMs, int maxBytes, List<Consumed> consumed) implements Request {
    /** Of one destination. */
    public record Consumed(String destination, int records, long bytes) {
        static final Schema<Consumed> SCHEMA = Schema.of(Consumed.class)
                .field("destination", STRING)
                .field("records", INT32)
                .field("bytes", INT64)
                .build();
    }

    public static final Schema<FetchTemporaryRequest> SCHEMA = Schema.of(FetchTemporaryRequest.class)
            .field("maxWaitMs", INT32)
            .field("maxBytes", INT32)
            .field("consumed", listOf(Consumed.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.FETCH_TEMPORARY;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new FetchTemporaryResponse(error, List.of());
    }
}
