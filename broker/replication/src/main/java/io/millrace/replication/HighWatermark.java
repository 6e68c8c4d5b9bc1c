package io.millrace.replication;

import java.util.Map;
import java.util.Set;

/** The rule by which a leader commits. Pure. */
final class HighWatermark {
    /** The answer when nothing may be committed now. */
    static final long UNCHANGED = -1;

    private HighWatermark() {}

    /**
     * How far a log is committed: as far as every replica has it that the controller may elect, and only while the committed in-sync
     * replicas are enough (KIP-497, KIP-966).
     *
     * @param leaderDurableEndOffset how far the leader's own log is kept as its flush policy asks
     * @param committedCount how many in-sync replicas the controller has committed
     * @param maximal those, and those that it may have committed
     */
    static long of(
            LogKind kind,
            long leaderDurableEndOffset,
            int committedCount,
            int minInSyncReplicas,
            Set<Integer> maximal,
            Map<Integer, FollowerProgress> followers) {
        if (committedCount < minInSyncReplicas) {
            return UNCHANGED;
        }
        long lowest = leaderDurableEndOffset;
        for (int replica : maximal) {
            var follower = followers.get(replica);
            if (follower != null) {
                lowest = Math.min(lowest, follower.fetchOffset(kind));
            }
        }
        return lowest;
    }
}
