package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Who leads a partition and who is in sync after something has happened to its replicas. Pure.
 *
 * <p>Only a replica that holds every committed record may lead: one of the in-sync replicas, or, when none of them may, one of the
 * eligible replicas, which left the in-sync set when it was too small for anything to be committed any more (KIP-966). An unclean
 * leader is never elected.
 *
 * @param replicas of the partition, the preferred leader first
 * @param minInSyncReplicas effective, so at most the number of replicas
 * @param mayLead whether a broker is there to lead
 */
record PartitionElection(List<Integer> replicas, int minInSyncReplicas, IntPredicate mayLead) {

    /** The state after replicas have left, for example because their brokers are gone; the state itself when that changes nothing. */
    PartitionState without(PartitionState state, IntPredicate isGone) {
        var staying =
                state.inSyncReplicas().stream().filter(id -> !isGone.test(id)).toList();
        boolean keepsLeader = state.hasLeader() && !isGone.test(state.leaderId());
        if (keepsLeader && staying.size() == state.inSyncReplicas().size()) {
            return state;
        }
        return next(state, staying, keepsLeader);
    }

    /** The state after brokers have come: elects where nobody leads. */
    PartitionState elected(PartitionState state) {
        return state.hasLeader() ? state : next(state, state.inSyncReplicas(), false);
    }

    /** The state after the leader, or at least its epoch, had to change: others are preferred, the same one may lead again. */
    PartitionState relieved(PartitionState state) {
        int former = state.leaderId();
        var others = state.inSyncReplicas().stream().filter(id -> id != former).toList();
        boolean otherMayLead = others.stream().anyMatch(mayLead::test)
                || state.eligibleLeaderReplicas().stream().anyMatch(mayLead::test);
        return otherMayLead ? next(state, others, false) : next(state, state.inSyncReplicas(), false);
    }

    /** The state after the leader has lost its log: it must not lead again before it comes back. */
    PartitionState resigned(PartitionState state) {
        int former = state.leaderId();
        return new PartitionElection(replicas, minInSyncReplicas, id -> id != former && mayLead.test(id))
                .without(state, id -> id == former);
    }

    /** The state with the in-sync replicas that its leader wishes. */
    PartitionState withInSync(PartitionState state, Collection<Integer> wished) {
        return next(state, wished, true);
    }

    /** The state without eligible replicas that larger in-sync sets have made stale; the state itself when there are none. */
    PartitionState withoutStaleEligible(PartitionState state) {
        boolean isStale = !state.eligibleLeaderReplicas().isEmpty()
                && state.inSyncReplicas().size() >= minInSyncReplicas;
        return isStale ? next(state, state.inSyncReplicas(), true) : state;
    }

    private PartitionState next(PartitionState state, Collection<Integer> wishedInSync, boolean keepsLeader) {
        var inSync = inOrder(wishedInSync);
        int leader = keepsLeader ? state.leaderId() : first(inSync);
        if (!keepsLeader && leader == PartitionState.NO_LEADER) {
            leader = first(inOrder(state.eligibleLeaderReplicas()));
            if (leader != PartitionState.NO_LEADER) {
                inSync = withLeader(inSync, leader);
            }
        }
        boolean isSame = unchanged(state, leader, inSync);
        if (isSame && !keepsLeader && leader == PartitionState.NO_LEADER) {
            return state;
        }
        int leaderEpoch = keepsLeader ? state.leaderEpoch() : state.leaderEpoch() + 1;
        return new PartitionState(leader, leaderEpoch, state.partitionEpoch() + 1, inSync, eligible(state, inSync));
    }

    private static boolean unchanged(PartitionState state, int leader, List<Integer> inSync) {
        return leader == state.leaderId() && inSync.equals(state.inSyncReplicas());
    }

    private List<Integer> withLeader(List<Integer> inSync, int leader) {
        var all = new LinkedHashSet<>(inSync);
        all.add(leader);
        return inOrder(all);
    }

    private int first(List<Integer> candidates) {
        return candidates.stream().filter(mayLead::test).findFirst().orElse(PartitionState.NO_LEADER);
    }

    /** Those who hold every committed record without being in sync; nobody needs to remember them while commits go on. */
    private List<Integer> eligible(PartitionState before, List<Integer> inSync) {
        if (inSync.size() >= minInSyncReplicas) {
            return List.of();
        }
        Set<Integer> all = new LinkedHashSet<>(before.inSyncReplicas());
        all.addAll(before.eligibleLeaderReplicas());
        inSync.forEach(all::remove);
        return inOrder(all);
    }

    private List<Integer> inOrder(Collection<Integer> members) {
        return replicas.stream().filter(members::contains).toList();
    }
}
