package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Whether the member still belongs to the group, or has to join again. */
public record HeartbeatResponse(int throttleTimeMs, ErrorCode errorCode) implements Response {

    public static final Schema<HeartbeatResponse> SCHEMA = Schema.of(HeartbeatResponse.class)
            .field("throttleTimeMs", INT32.since(1))
            .field("errorCode", ERROR_CODE)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.HEARTBEAT;
    }
}
