package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Who leads a partition and who is in sync after something has happened to its replicas. Pure.
 *
 * <p>Only a replica that holds every committed record may lead: one of the in-sync replicas, or, when none of them may, one of the
 * eligible replicas, which left the in-sync set when it was too small for anything to be committed any more (KIP-966). An unclean
 * leader is elected only where an operator has ordered it, or the topic's configuration prefers service to what may be lost.
 *
 * @param replicas of the partition, the preferred leader first
 * @param minInSyncReplicas effective, so at most the number of replicas
 * @param mayLead whether a broker is there to lead
 * @param lastResort whether a replica may lead that need not have all committed records, when nobody else can
 */
record PartitionElection(List<Integer> replicas, int minInSyncReplicas, IntPredicate mayLead, IntPredicate lastResort) {

    /** The rules where an unclean leader is never elected by itself. */
    PartitionElection(List<Integer> replicas, int minInSyncReplicas, IntPredicate mayLead) {
        this(replicas, minInSyncReplicas, mayLead, id -> false);
    }

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

    /**
     * The state after a replica has lost its log or a part of it: it is in no set any more, and the leader epoch grows, so that no leader goes on
     * believing in what it knew of the replica. The last replica that may have all committed records stays eligible, but leads no more.
     */
    PartitionState withLost(PartitionState state, int lost) {
        var others =
                new PartitionElection(replicas, minInSyncReplicas, id -> id != lost && mayLead.test(id), lastResort);
        boolean isCandidate = isCandidate(state, lost);
        var stripped = new PartitionState(
                state.leaderId(),
                state.leaderEpoch(),
                state.partitionEpoch(),
                state.inSyncReplicas().stream().filter(id -> id != lost).toList(),
                state.eligibleLeaderReplicas().stream().filter(id -> id != lost).toList());
        boolean isLast = isCandidate
                && stripped.inSyncReplicas().isEmpty()
                && stripped.eligibleLeaderReplicas().isEmpty();
        if (isLast) {
            return state.hasLeader() ? others.without(state, id -> id == lost) : state;
        }
        boolean keepsLeader = state.hasLeader() && state.leaderId() != lost;
        PartitionState after = others.next(stripped, stripped.inSyncReplicas(), keepsLeader);
        return new PartitionState(
                after.leaderId(),
                state.leaderEpoch() + 1,
                state.partitionEpoch() + 1,
                after.inSyncReplicas(),
                after.eligibleLeaderReplicas());
    }

    /**
     * The state after a replica may have lost its newest records: it is in no set any more. The last replica that may have all committed records
     * stays, since nobody has more.
     */
    PartitionState withUnclean(PartitionState state, int unclean) {
        var inSync = state.inSyncReplicas().stream().filter(id -> id != unclean).toList();
        var eligible = state.eligibleLeaderReplicas().stream()
                .filter(id -> id != unclean)
                .toList();
        boolean isMember = inSync.size() < state.inSyncReplicas().size()
                || eligible.size() < state.eligibleLeaderReplicas().size();
        if (!isMember || (inSync.isEmpty() && eligible.isEmpty())) {
            return state;
        }
        var stripped =
                new PartitionState(state.leaderId(), state.leaderEpoch(), state.partitionEpoch(), inSync, eligible);
        PartitionState after = next(stripped, inSync, state.hasLeader() && state.leaderId() != unclean);
        return new PartitionState(
                after.leaderId(),
                after.leaderEpoch(),
                state.partitionEpoch() + 1,
                after.inSyncReplicas(),
                after.eligibleLeaderReplicas());
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

    /**
     * The state with a leader that need not have all committed records: the first replica that is there and is asked for, and is in no set. (One
     * that is in a set, is there and does not lead has no usable log.) All others then give up what the new leader does not have, so it alone is in
     * sync. Empty while somebody leads, and when nobody is there.
     */
    Optional<PartitionState> unclean(PartitionState state, IntPredicate asked) {
        if (state.hasLeader()) {
            return Optional.empty();
        }
        return replicas.stream()
                .filter(id -> asked.test(id) && mayLead.test(id))
                .filter(id -> !isCandidate(state, id))
                .findFirst()
                .map(leader -> new PartitionState(
                        leader, state.leaderEpoch() + 1, state.partitionEpoch() + 1, List.of(leader), List.of()));
    }

    private static boolean isCandidate(PartitionState state, int id) {
        return state.inSyncReplicas().contains(id)
                || state.eligibleLeaderReplicas().contains(id);
    }

    /** The first of the replicas: the one that should lead when all are well. */
    int preferredLeader() {
        return replicas.get(0);
    }

    /** The state with the preferred leader in office; empty when it leads already, or is not in sync, or not there. */
    Optional<PartitionState> preferred(PartitionState state) {
        int preferred = preferredLeader();
        boolean canLead = state.inSyncReplicas().contains(preferred) && mayLead.test(preferred);
        if (!canLead || state.leaderId() == preferred) {
            return Optional.empty();
        }
        return Optional.of(new PartitionState(
                preferred,
                state.leaderEpoch() + 1,
                state.partitionEpoch() + 1,
                state.inSyncReplicas(),
                state.eligibleLeaderReplicas()));
    }

    /**
     * The state of a partition that had other replicas before. Those that are no replicas any more leave; another leads if the leader is among
     * them.
     *
     * @param needsNewEpoch whether the leader epoch grows although the leader stays
     */
    PartitionState moved(PartitionState state, boolean needsNewEpoch) {
        var staying = inOrder(state.inSyncReplicas());
        boolean keepsLeader = state.hasLeader() && staying.contains(state.leaderId());
        PartitionState after = next(state, staying, keepsLeader);
        boolean isRaised = after.leaderEpoch() > state.leaderEpoch();
        return new PartitionState(
                after.leaderId(),
                needsNewEpoch && !isRaised ? state.leaderEpoch() + 1 : after.leaderEpoch(),
                state.partitionEpoch() + 1,
                inOrder(after.inSyncReplicas()),
                inOrder(after.eligibleLeaderReplicas()));
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
        if (leader == PartitionState.NO_LEADER) {
            var leaderless = new PartitionState(
                    leader, state.leaderEpoch(), state.partitionEpoch(), inSync, state.eligibleLeaderReplicas());
            Optional<PartitionState> unclean = unclean(leaderless, lastResort);
            if (unclean.isPresent()) {
                return unclean.get();
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
