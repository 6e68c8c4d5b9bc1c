package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.wire.Schema;

/** Who leads a partition, for a client that asked the wrong broker (KIP-951); -1 where that is not known. */
public record LeaderIdAndEpoch(int leaderId, int leaderEpoch) {
    public static final LeaderIdAndEpoch UNKNOWN = new LeaderIdAndEpoch(-1, -1);

    static final Schema<LeaderIdAndEpoch> SCHEMA = Schema.of(LeaderIdAndEpoch.class)
            .field("leaderId", INT32)
            .field("leaderEpoch", INT32)
            .build();
}
