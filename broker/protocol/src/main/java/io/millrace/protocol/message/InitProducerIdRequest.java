package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/** Asks for a producer id and epoch, and with a transactional id fences its former owner. */
public record InitProducerIdRequest(
        @Nullable String transactionalId, int transactionTimeoutMs, long producerId, short producerEpoch)
        implements Request {

    public static final Schema<InitProducerIdRequest> SCHEMA = Schema.of(InitProducerIdRequest.class)
            .field("transactionalId", NULLABLE_STRING)
            .field("transactionTimeoutMs", INT32)
            .field("producerId", INT64.since(3).orElse(-1L).required())
            .field("producerEpoch", INT16.since(3).orElse((short) -1).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.INIT_PRODUCER_ID;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new InitProducerIdResponse(0, error, -1, (short) -1);
    }
}
