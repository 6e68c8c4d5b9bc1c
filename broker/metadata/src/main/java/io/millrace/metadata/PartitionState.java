package io.millrace.metadata;

import java.util.List;

/**
 * The changing part of a partition's metadata. Immutable.
 *
 * @param leaderId {@link #NO_LEADER} when nobody may lead
 * @param leaderEpoch grows with every election, also with one that ends without a leader
 * @param partitionEpoch grows with every change of this state (KIP-497)
 * @param inSyncReplicas broker ids in the order of the assignment; the leader is one of them
 * @param eligibleLeaderReplicas replicas that left the in-sync set below {@code min.insync.replicas} and still hold every committed
 *     record (KIP-966); disjoint from {@code inSyncReplicas}
 */
public record PartitionState(
        int leaderId,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> inSyncReplicas,
        List<Integer> eligibleLeaderReplicas) {

    public static final int NO_LEADER = -1;

    public PartitionState {
        inSyncReplicas = List.copyOf(inSyncReplicas);
        eligibleLeaderReplicas = List.copyOf(eligibleLeaderReplicas);
    }

    public boolean hasLeader() {
        return leaderId != NO_LEADER;
    }
}
