package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Whether the transaction will end as asked; from version 5 on with the producer id and epoch of the next one (KIP-890). */
public record EndTxnResponse(int throttleTimeMs, ErrorCode errorCode, long producerId, short producerEpoch)
        implements Response {

    public static final Schema<EndTxnResponse> SCHEMA = Schema.of(EndTxnResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("producerId", INT64.since(5).orElse(-1L))
            .field("producerEpoch", INT16.since(5).orElse((short) -1))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.END_TXN;
    }
}
