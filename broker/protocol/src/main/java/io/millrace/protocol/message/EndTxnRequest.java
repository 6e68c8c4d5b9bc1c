package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Commits or aborts a transaction. */
public record EndTxnRequest(String transactionalId, long producerId, short producerEpoch, boolean committed)
        implements Request {

    public static final Schema<EndTxnRequest> SCHEMA = Schema.of(EndTxnRequest.class)
            .field("transactionalId", STRING)
            .field("producerId", INT64)
            .field("producerEpoch", INT16)
            .field("committed", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.END_TXN;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new EndTxnResponse(0, error, -1, (short) -1);
    }
}
