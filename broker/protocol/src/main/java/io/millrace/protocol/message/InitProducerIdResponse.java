package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** The producer id and epoch to send with; both -1 with an error. */
public record InitProducerIdResponse(int throttleTimeMs, ErrorCode errorCode, long producerId, short producerEpoch)
        implements Response {

    public static final Schema<InitProducerIdResponse> SCHEMA = Schema.of(InitProducerIdResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("producerId", INT64)
            .field("producerEpoch", INT16)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.INIT_PRODUCER_ID;
    }
}
