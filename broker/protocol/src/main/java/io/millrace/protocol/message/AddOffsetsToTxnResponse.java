package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Whether the offsets of the group may now be committed within the transaction. */
public record AddOffsetsToTxnResponse(int throttleTimeMs, ErrorCode errorCode) implements Response {

    public static final Schema<AddOffsetsToTxnResponse> SCHEMA = Schema.of(AddOffsetsToTxnResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ADD_OFFSETS_TO_TXN;
    }
}
