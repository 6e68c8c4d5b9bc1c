package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerGroupRecord.CurrentAssignment;
import java.util.UUID;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a consumer group may read now, and how far it is on the way to its target (KIP-848). Immutable.
 *
 * <pre>
 *             the target takes partitions away             it has given them up, and
 *   STABLE ------------------------------------> UNREVOKED ----+--- all new ones are free --> STABLE
 *     ^  `--- others still have the new ones --> UNRELEASED    `--- others still have them -> UNRELEASED
 *     |                                              |
 *     +------------ they have given them up ---------+
 * </pre>
 *
 * <p>A member gets the epoch of its target once it has nothing left to give up; until then it keeps the one before.
 *
 * @param assigned what the member may read
 * @param pendingRevocation what it has to give up first
 */
record MemberAssignment(
        int memberEpoch,
        int previousMemberEpoch,
        State state,
        AssignedPartitions assigned,
        AssignedPartitions pendingRevocation) {

    /** With the numbers that Kafka's records have for them. */
    enum State {
        STABLE(0),
        UNREVOKED(1),
        UNRELEASED(2);

        private final byte code;

        State(int code) {
            this.code = (byte) code;
        }

        /** A number that is not known leads to a decision anew. */
        static State of(byte code) {
            return code == STABLE.code ? STABLE : code == UNREVOKED.code ? UNREVOKED : UNRELEASED;
        }
    }

    static final MemberAssignment NEW =
            new MemberAssignment(0, 0, State.STABLE, AssignedPartitions.NONE, AssignedPartitions.NONE);

    static MemberAssignment of(CurrentAssignment saved) {
        return new MemberAssignment(
                saved.memberEpoch(),
                saved.previousMemberEpoch(),
                State.of(saved.state()),
                AssignedPartitions.of(saved.assignedPartitions()),
                AssignedPartitions.of(saved.partitionsPendingRevocation()));
    }

    CurrentAssignment toRecord() {
        return new CurrentAssignment(
                memberEpoch, previousMemberEpoch, state.code, assigned.toWire(), pendingRevocation.toWire());
    }

    MemberAssignment withEpoch(int epoch) {
        return new MemberAssignment(epoch, memberEpoch, state, assigned, pendingRevocation);
    }

    /**
     * The next step towards the target.
     *
     * @param owned what the member says that it has; null where it says nothing
     * @param isFree whether no other member has a partition
     */
    MemberAssignment towards(
            AssignedPartitions target,
            int targetEpoch,
            @Nullable AssignedPartitions owned,
            BiPredicate<UUID, Integer> isFree) {
        boolean waits =
                switch (state) {
                    case STABLE -> memberEpoch == targetEpoch;
                    case UNREVOKED -> owned == null || owned.intersects(pendingRevocation);
                    case UNRELEASED -> false;
                };
        if (waits) {
            return this;
        }
        AssignedPartitions kept = assigned.and(target);
        AssignedPartitions revoked = assigned.minus(target);
        if (!revoked.isEmpty() && (owned == null || owned.intersects(revoked))) {
            return new MemberAssignment(memberEpoch, previousMemberEpoch, State.UNREVOKED, kept, revoked);
        }
        AssignedPartitions wanted = target.minus(kept);
        AssignedPartitions free = wanted.where(isFree);
        return new MemberAssignment(
                targetEpoch,
                targetEpoch == memberEpoch ? previousMemberEpoch : memberEpoch,
                free.size() == wanted.size() ? State.STABLE : State.UNRELEASED,
                kept.plus(free),
                AssignedPartitions.NONE);
    }
}
