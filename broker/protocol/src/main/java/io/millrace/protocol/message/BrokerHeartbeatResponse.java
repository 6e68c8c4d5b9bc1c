package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Whether the broker may lead partitions, and whether it may go.
 *
 * @param fencedBrokers those that are registered but lead nothing and are in sync nowhere until the controller hears of them
 */
public record BrokerHeartbeatResponse(
        ErrorCode errorCode, boolean fenced, boolean shouldShutdown, List<Integer> fencedBrokers) implements Response {
    public static final Schema<BrokerHeartbeatResponse> SCHEMA = Schema.of(BrokerHeartbeatResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("fenced", BOOL)
            .field("shouldShutdown", BOOL)
            .field("fencedBrokers", listOf(INT32))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.BROKER_HEARTBEAT;
    }
}
