package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/** Whether the broker may lead partitions, and whether it may go. */
public record BrokerHeartbeatResponse(ErrorCode errorCode, boolean fenced, boolean shouldShutdown) implements Response {
    public static final Schema<BrokerHeartbeatResponse> SCHEMA = Schema.of(BrokerHeartbeatResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("fenced", BOOL)
            .field("shouldShutdown", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.BROKER_HEARTBEAT;
    }
}
