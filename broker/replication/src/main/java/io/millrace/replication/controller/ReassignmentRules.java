package io.millrace.replication.controller;

import io.millrace.metadata.PartitionAssignment;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a partition moves to other replicas (KIP-455). Pure.
 *
 * <p>While a move runs, the partition lives on the replicas it had and on those it gets. It ends when all replicas wanted are in sync; the
 * others then leave, and if the leader is one of them another is elected. As many replicas must be in sync as before the move, until it has
 * ended.
 *
 * <p>Whoever becomes a replica begins with a new leader epoch: a broker that was a replica before and has deleted its log since may still
 * have fetches under way that speak of the log it had, and the old epoch in them gives them away.
 *
 * @param registered the brokers that a replica may be placed on
 */
record ReassignmentRules(PartitionViews views, Set<Integer> registered) {

    /** What the partition becomes. */
    record Moved(PartitionAssignment assignment, PartitionState state) {}

    /** Begins a move, or changes the goal of the one that runs. */
    Moved begun(TopicImage topic, int index, List<Integer> target, ReassignmentOptions options)
            throws TopicRules.RefusedException {
        var running = topic.reassignment(index);
        var current = topic.assignment().get(index);
        var original = running.map(Reassignment::original).orElse(current);
        check(topic, index, target, original, options);
        var move = new Reassignment(original, target, options.throttleBytesPerSecond());
        boolean hasSameMembers = move.adding().isEmpty() && move.removing().isEmpty();
        var assignment = hasSameMembers ? PartitionAssignment.settled(target) : PartitionAssignment.moving(move);
        boolean hasNewMember = !current.containsAll(assignment.replicas());
        return placed(topic, index, assignment, original.size(), hasNewMember);
    }

    private void check(
            TopicImage topic, int index, List<Integer> target, List<Integer> original, ReassignmentOptions options)
            throws TopicRules.RefusedException {
        var known = new HashSet<>(registered);
        known.addAll(topic.assignment().get(index));
        var union = new HashSet<>(target);
        union.addAll(original);
        boolean isRight = !target.isEmpty()
                && new HashSet<>(target).size() == target.size()
                && union.size() <= TopicRules.REPLICAS_MAX
                && known.containsAll(target);
        if (!isRight) {
            throw new TopicRules.RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "the replicas " + target + " of " + topic.name() + "-" + index + " must be at least one and, with "
                            + original + ", at most " + TopicRules.REPLICAS_MAX + " different brokers of " + known);
        }
        if (!options.mayChangeReplicationFactor() && target.size() != original.size()) {
            throw new TopicRules.RefusedException(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "the replicas " + target + " of " + topic.name() + "-" + index + " must be " + original.size()
                            + ", as many as it has, since the request does not allow to change the replication factor");
        }
    }

    /** Ends a move where it began. */
    Moved cancelled(TopicImage topic, int index) throws TopicRules.RefusedException {
        Reassignment running = topic.reassignment(index)
                .orElseThrow(() -> new TopicRules.RefusedException(
                        ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, "nothing moves " + topic.name() + "-" + index));
        var before = PartitionAssignment.settled(running.original());
        boolean hasNewMember = !topic.assignment().get(index).containsAll(running.original());
        return placed(topic, index, before, running.original().size(), hasNewMember);
    }

    /** Ends a move whose replicas are all in sync; empty while they are not, or where none moves. */
    Optional<Moved> completed(TopicImage topic, int index) {
        PartitionState state = topic.partitions().get(index);
        Optional<Reassignment> running = topic.reassignment(index);
        if (running.isEmpty() || !isReached(running.get(), state)) {
            return Optional.empty();
        }
        var target = running.get().target();
        // A leader that still believes in the smaller number could commit what others need not have.
        boolean needsMore = views.minInSync(topic, target.size())
                > views.minInSync(topic, running.get().original().size());
        var election = views.election(topic, target, target.size());
        return Optional.of(new Moved(PartitionAssignment.settled(target), election.moved(state, needsMore)));
    }

    private boolean isReached(Reassignment move, PartitionState state) {
        return state.hasLeader()
                && state.inSyncReplicas().containsAll(move.target())
                && move.target().stream().anyMatch(views.liveness()::isUsable);
    }

    private Moved placed(
            TopicImage topic, int index, PartitionAssignment assignment, int replicationFactor, boolean hasNewMember)
            throws TopicRules.RefusedException {
        PartitionState state = topic.partitions().get(index);
        var replicas = assignment.replicas();
        checkThatEnoughStay(topic, index, replicas);
        var election = views.election(topic, replicas, replicationFactor);
        return new Moved(assignment, election.moved(state, hasNewMember));
    }

    /**
     * One of those in sync must stay, or, where none is, of the eligible. With those that are eligible, as many must stay as must be in sync, or else
     * the loss of fewer would be the loss of what was acknowledged.
     */
    private void checkThatEnoughStay(TopicImage topic, int index, List<Integer> replicas)
            throws TopicRules.RefusedException {
        PartitionState state = topic.partitions().get(index);
        var inSync = state.inSyncReplicas();
        var holders = new ArrayList<>(inSync);
        holders.addAll(state.eligibleLeaderReplicas());
        int minInSync = views.minInSync(topic, topic.replicationFactor(index));
        long staying = holders.stream().filter(replicas::contains).count();
        boolean losesLeaders = !inSync.isEmpty() && inSync.stream().noneMatch(replicas::contains);
        if (losesLeaders || staying < Math.min(minInSync, holders.size())) {
            throw new TopicRules.RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "the replicas " + replicas + " of " + topic.name() + "-" + index
                            + " must keep at least one of those in sync, "
                            + inSync + ", and " + Math.min(minInSync, holders.size())
                            + " of those that have all its records, " + holders);
        }
    }
}
