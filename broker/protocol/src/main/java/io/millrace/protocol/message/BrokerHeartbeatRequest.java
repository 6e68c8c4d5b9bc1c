package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;

/**
 * A broker tells the controller that it is alive, or that it would like to leave.
 *
 * @param disownsLeadership the broker was named leader before its process started and refuses to lead in that epoch
 */
public record BrokerHeartbeatRequest(int brokerId, long brokerEpoch, boolean wantShutdown, boolean disownsLeadership)
        implements Request {
    public static final Schema<BrokerHeartbeatRequest> SCHEMA = Schema.of(BrokerHeartbeatRequest.class)
            .field("brokerId", INT32)
            .field("brokerEpoch", INT64)
            .field("wantShutdown", BOOL)
            .field("disownsLeadership", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.BROKER_HEARTBEAT;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new BrokerHeartbeatResponse(error, false, false);
    }
}
