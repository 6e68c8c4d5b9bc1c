package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/**
 * A broker tells the controller that it is alive, or that it would like to leave.
 *
 * @param disownsLeadership the broker was named leader before its process started and refuses to lead in that epoch
 * @param lostReplicas replicas of the broker without a usable log
 */
public record BrokerHeartbeatRequest(
        int brokerId, long brokerEpoch, boolean wantShutdown, boolean disownsLeadership, List<LostReplica> lostReplicas)
        implements Request {

    /** A replica, and the state of its partition that the broker knows. */
    public record LostReplica(UUID topicId, int partitionIndex, int partitionEpoch) {
        static final Schema<LostReplica> SCHEMA = Schema.of(LostReplica.class)
                .field("topicId", UUID)
                .field("partitionIndex", INT32)
                .field("partitionEpoch", INT32)
                .build();
    }

    public static final Schema<BrokerHeartbeatRequest> SCHEMA = Schema.of(BrokerHeartbeatRequest.class)
            .field("brokerId", INT32)
            .field("brokerEpoch", INT64)
            .field("wantShutdown", BOOL)
            .field("disownsLeadership", BOOL)
            .field("lostReplicas", listOf(LostReplica.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.BROKER_HEARTBEAT;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new BrokerHeartbeatResponse(error, false, false, List.of());
    }
}
