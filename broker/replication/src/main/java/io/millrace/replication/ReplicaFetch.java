package io.millrace.replication;

import java.util.List;

/**
 * A follower's request to one leader, for all partitions that it follows there. A session spares both sides to repeat what has not
 * changed: after the first request only positions that moved are named, and only logs with something to tell are answered.
 *
 * @param brokerEpoch of the follower's registration (KIP-903)
 * @param sessionId chosen by the leader; 0 to open a session
 * @param sessionEpoch 0 opens a session with {@code positions} as all that is followed; then 1, 2, ... for each further request
 * @param forgotten partitions no longer followed here
 */
public record ReplicaFetch(
        int brokerId,
        long brokerEpoch,
        int sessionId,
        int sessionEpoch,
        int maxWaitMs,
        int maxBytes,
        List<Position> positions,
        List<PartitionKey> forgotten) {

    /** The session id of a request that opens a session. */
    public static final int NO_SESSION = 0;

    /** The last fetched epoch of a log that holds no batch. */
    public static final int NO_EPOCH = -1;

    public ReplicaFetch {
        positions = List.copyOf(positions);
        forgotten = List.copyOf(forgotten);
    }

    public boolean opensSession() {
        return sessionEpoch == 0;
    }

    /**
     * Where the follower stands in one log.
     *
     * @param currentLeaderEpoch the leader's epoch as the follower knows it (KIP-320)
     * @param fetchOffset the follower's log end offset: everything before it is written there
     * @param lastFetchedEpoch leader epoch of the last batch the follower has; {@link #NO_EPOCH} when it has none (KIP-595)
     */
    public record Position(
            PartitionKey partition,
            LogKind kind,
            int currentLeaderEpoch,
            long fetchOffset,
            int lastFetchedEpoch,
            long logStartOffset) {}
}
