package io.millrace.replication;

import java.util.List;

/**
 * A leader's wish for other in-sync replicas (KIP-497).
 *
 * @param brokerEpoch of the leader's registration
 * @param inSyncReplicas among them the leader itself
 * @param partitionEpoch the state that the wish is based on; the controller refuses it when the state has changed since
 */
public record InSyncReplicasChange(
        PartitionKey partition,
        int brokerId,
        long brokerEpoch,
        int leaderEpoch,
        int partitionEpoch,
        List<Replica> inSyncReplicas) {

    public InSyncReplicasChange {
        inSyncReplicas = List.copyOf(inSyncReplicas);
    }

    /** A replica in the life of its broker in which it was seen to be in sync (KIP-903). */
    public record Replica(int brokerId, long brokerEpoch) {}
}
