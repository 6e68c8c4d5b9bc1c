package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Adds the partition of a group's offsets to a transaction. */
public record AddOffsetsToTxnRequest(String transactionalId, long producerId, short producerEpoch, String groupId)
        implements Request {

    public static final Schema<AddOffsetsToTxnRequest> SCHEMA = Schema.of(AddOffsetsToTxnRequest.class)
            .field("transactionalId", STRING)
            .field("producerId", INT64)
            .field("producerEpoch", INT16)
            .field("groupId", STRING)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ADD_OFFSETS_TO_TXN;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new AddOffsetsToTxnResponse(0, error);
    }
}
