package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChange.Replica;
import java.util.List;

/** Whether a leader may have the in-sync replicas it wishes (KIP-497, KIP-841, KIP-903). Pure. */
record InSyncReplicasRule(BrokerLiveness liveness) {
    private static final long ANY_EPOCH = -1;

    ErrorCode check(InSyncReplicasChange change, PartitionState state, List<Integer> replicas) {
        if (!liveness.isCurrent(change.brokerId(), change.brokerEpoch())) {
            return ErrorCode.STALE_BROKER_EPOCH;
        }
        if (change.leaderEpoch() > state.leaderEpoch() || change.partitionEpoch() > state.partitionEpoch()) {
            // The leader knows more than this controller: it is not the controller any more.
            return ErrorCode.NOT_CONTROLLER;
        }
        if (change.leaderEpoch() < state.leaderEpoch() || change.brokerId() != state.leaderId()) {
            return ErrorCode.FENCED_LEADER_EPOCH;
        }
        if (change.partitionEpoch() < state.partitionEpoch()) {
            return ErrorCode.INVALID_UPDATE_VERSION;
        }
        if (change.inSyncReplicas().stream().noneMatch(replica -> replica.brokerId() == change.brokerId())) {
            return ErrorCode.INVALID_REQUEST;
        }
        for (Replica replica : change.inSyncReplicas()) {
            if (!replicas.contains(replica.brokerId())) {
                return ErrorCode.INVALID_REQUEST;
            }
            if (!isEligible(replica, change, state)) {
                return ErrorCode.INELIGIBLE_REPLICA;
            }
        }
        return ErrorCode.NONE;
    }

    /** A replica that joins must be there, in the very life of its broker in which the leader saw it catch up. */
    private boolean isEligible(Replica replica, InSyncReplicasChange change, PartitionState state) {
        boolean joins = !state.inSyncReplicas().contains(replica.brokerId());
        if (!joins) {
            return true;
        }
        boolean isLeader = replica.brokerId() == change.brokerId();
        return isLeader
                || (liveness.isUsable(replica.brokerId())
                        && replica.brokerEpoch() != ANY_EPOCH
                        && liveness.isCurrent(replica.brokerId(), replica.brokerEpoch()));
    }
}
