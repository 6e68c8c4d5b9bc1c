package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerGroupRecord.ClassicMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.CurrentSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.Epoch;
import io.millrace.coordinator.group.ConsumerGroupRecord.EpochSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberKey;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.Target;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetEpoch;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetEpochSaved;
import io.millrace.coordinator.group.ConsumerGroupRecord.TargetSaved;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group whose partitions the coordinator assigns (KIP-848).
 *
 * <pre>
 *   Empty --member joins--> Assigning --target made--> Reconciling --all have theirs--> Stable
 *     ^                        ^                            |                              |
 *     |  last member gone      `----- member comes or goes, subscription or topics change -+
 * </pre>
 *
 * <p>Owned by the loop of its partition. Decisions are made on what all records say that have been appended; operators are shown what is committed. Where
 * records are refused, the group is again what is committed and what is still under way. Who has been heard of when is kept in memory alone.
 */
final class ConsumerGroup implements Group {
    private final String groupId;
    private final ConsumerSubscriptions subscriptions = new ConsumerSubscriptions();
    private final Map<String, Long> sessionDeadlineMs = new HashMap<>();
    private final Map<String, Long> revocationDeadlineMs = new HashMap<>();
    private final Deque<ConsumerGroupRecord> underWay = new ArrayDeque<>();
    private final ConsumerGroupState committed = new ConsumerGroupState();
    private ConsumerGroupState decided = new ConsumerGroupState();

    ConsumerGroup(String groupId) {
        this.groupId = groupId;
    }

    /** What decisions are made on. */
    ConsumerGroupState state() {
        return decided;
    }

    /** What operators are shown. */
    ConsumerGroupState committedState() {
        return committed;
    }

    ConsumerSubscriptions subscriptions() {
        return subscriptions;
    }

    // Records.

    /** A change that is decided: counts for the next decisions at once. */
    void decide(ConsumerGroupRecord change, List<GroupRecord> records) {
        decided.apply(change);
        underWay.addLast(change);
        records.add(change);
    }

    void replay(ConsumerGroupRecord logged) {
        committed.apply(logged);
        decided.apply(logged);
    }

    void onCommitted(ConsumerGroupRecord change) {
        underWay.removeFirstOccurrence(change);
        committed.apply(change);
    }

    /** Members that are back because their end was refused have their session's time to be heard of. */
    void onRefused(List<? extends GroupRecord> changes, int sessionTimeoutMs, long nowMs) {
        changes.forEach(underWay::removeFirstOccurrence);
        decided = committed.copy();
        underWay.forEach(decided::apply);
        sessionDeadlineMs.keySet().retainAll(decided.members().keySet());
        revocationDeadlineMs.keySet().retainAll(decided.members().keySet());
        decided.members()
                .forEach((memberId, member) ->
                        sessionDeadlineMs.putIfAbsent(memberId, nowMs + sessionTimeoutMs(member, sessionTimeoutMs)));
    }

    // What is written.

    void saveMember(String memberId, MemberMetadata member, List<GroupRecord> records) {
        decide(new MemberSaved(key(memberId), member), records);
    }

    void bumpEpoch(List<GroupRecord> records) {
        long hash = subscriptions.metadataHash(decided.members().values());
        decide(new EpochSaved(new GroupRecord.GroupKey(groupId), new Epoch(decided.epoch() + 1, hash)), records);
    }

    void saveTargets(Map<String, AssignedPartitions> targets, List<GroupRecord> records) {
        targets.forEach((memberId, target) -> {
            if (!target.equals(decided.targets().get(memberId))) {
                decide(new TargetSaved(key(memberId), new Target(target.toWire())), records);
            }
        });
        decide(new TargetEpochSaved(new GroupRecord.GroupKey(groupId), new TargetEpoch(decided.epoch())), records);
    }

    void saveCurrent(String memberId, MemberAssignment assignment, List<GroupRecord> records) {
        decide(new CurrentSaved(key(memberId), assignment.toRecord()), records);
    }

    /** A static member takes the place of its former self, with all that it had, and the group goes on as it is. */
    void replace(String oldMemberId, String memberId, List<GroupRecord> records) {
        MemberMetadata member = Objects.requireNonNull(decided.members().get(oldMemberId));
        AssignedPartitions target = decided.target(oldMemberId);
        AssignedPartitions assigned = decided.current(oldMemberId).assigned();
        forget(oldMemberId, records);
        saveMember(memberId, member, records);
        decide(new TargetSaved(key(memberId), new Target(target.toWire())), records);
        saveCurrent(
                memberId,
                new MemberAssignment(0, 0, MemberAssignment.State.STABLE, assigned, AssignedPartitions.NONE),
                records);
    }

    /** A member is out, and what it had is free. */
    void remove(String memberId, List<GroupRecord> records) {
        forget(memberId, records);
        bumpEpoch(records);
    }

    private void forget(String memberId, List<GroupRecord> records) {
        decide(new CurrentSaved(key(memberId), null), records);
        decide(new TargetSaved(key(memberId), null), records);
        decide(new MemberSaved(key(memberId), null), records);
        sessionDeadlineMs.remove(memberId);
        revocationDeadlineMs.remove(memberId);
    }

    private MemberKey key(String memberId) {
        return new MemberKey(groupId, memberId);
    }

    // Time.

    /**
     * A member has been heard of.
     *
     * @param sessionTimeoutMs of members that have none of their own
     */
    void onSignOfLife(String memberId, int sessionTimeoutMs, long nowMs) {
        MemberMetadata member = decided.members().get(memberId);
        sessionDeadlineMs.put(memberId, nowMs + sessionTimeoutMs(member, sessionTimeoutMs));
        boolean revokes = decided.current(memberId).state() == MemberAssignment.State.UNREVOKED;
        if (member != null && (revokes || (member.isClassic() && mustJoinAgain(memberId)))) {
            revocationDeadlineMs.putIfAbsent(memberId, nowMs + member.rebalanceTimeoutMs());
        } else {
            revocationDeadlineMs.remove(memberId);
        }
    }

    private static int sessionTimeoutMs(@Nullable MemberMetadata member, int byDefault) {
        ClassicMetadata classic = member == null ? null : member.classicMemberMetadata();
        return classic == null ? byDefault : classic.sessionTimeoutMs();
    }

    /** All members have their session's time to be heard of. */
    void onLoaded(int sessionTimeoutMs, long nowMs) {
        decided.members().keySet().forEach(memberId -> onSignOfLife(memberId, sessionTimeoutMs, nowMs));
    }

    /** Members that are silent, or do not give up what they have to, are out. */
    List<GroupRecord> expire(long nowMs) {
        List<GroupRecord> records = new ArrayList<>();
        for (String memberId : List.copyOf(decided.members().keySet())) {
            if (deadlineMs(memberId) <= nowMs) {
                remove(memberId, records);
            }
        }
        return records;
    }

    long nextDeadlineMs() {
        return decided.members().keySet().stream()
                .mapToLong(this::deadlineMs)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** When a member is out that does nothing; {@link Long#MAX_VALUE} for one that is not there. */
    long deadlineMs(String memberId) {
        return Math.min(
                sessionDeadlineMs.getOrDefault(memberId, Long.MAX_VALUE),
                revocationDeadlineMs.getOrDefault(memberId, Long.MAX_VALUE));
    }

    // Members that speak the classic protocol.

    /** Whether somebody speaks the classic protocol; false for whoever is no member. */
    boolean isClassic(String memberId) {
        MemberMetadata member = decided.members().get(memberId);
        return member != null && member.isClassic();
    }

    /** Whether there are members, and all of them speak the classic protocol. */
    boolean isAllClassic() {
        return !decided.members().isEmpty()
                && decided.members().values().stream().allMatch(MemberMetadata::isClassic);
    }

    /** Whether a join would bring a member nearer to its target: heartbeats of the classic protocol cannot tell it anything. */
    boolean mustJoinAgain(String memberId) {
        MemberAssignment current = decided.current(memberId);
        if (current.memberEpoch() < decided.epoch() || current.state() == MemberAssignment.State.UNREVOKED) {
            return true;
        }
        AssignedPartitions missing = decided.target(memberId).minus(current.assigned());
        return !missing.where((topicId, partition) -> decided.isFree(topicId, partition, memberId))
                .isEmpty();
    }

    /** The group begins with members that it has from elsewhere. */
    void begin(int epoch, List<GroupRecord> records) {
        long hash = subscriptions.metadataHash(decided.members().values());
        decide(new EpochSaved(new GroupRecord.GroupKey(groupId), new Epoch(epoch, hash)), records);
    }

    /** The records that make the group and its members be forgotten. */
    List<GroupRecord> tombstonesOfAll() {
        var records = new ArrayList<GroupRecord>();
        decided.members().keySet().forEach(memberId -> {
            records.add(new CurrentSaved(key(memberId), null));
            records.add(new TargetSaved(key(memberId), null));
            records.add(new MemberSaved(key(memberId), null));
        });
        records.addAll(tombstones());
        return records;
    }

    // Offsets.

    /** Whether whoever names this member and this epoch may commit or fetch. */
    ErrorCode check(@Nullable String memberId, int memberEpoch) {
        if (memberId == null || !decided.members().containsKey(memberId)) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        if (decided.current(memberId).memberEpoch() == memberEpoch) {
            return ErrorCode.NONE;
        }
        return isClassic(memberId) ? ErrorCode.ILLEGAL_GENERATION : ErrorCode.STALE_MEMBER_EPOCH;
    }

    // What operators see.

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public String typeName() {
        return CONSUMERS;
    }

    @Override
    public String stateName() {
        if (committed.members().isEmpty()) {
            return "Empty";
        }
        if (committed.epoch() > committed.assignmentEpoch()) {
            return "Assigning";
        }
        boolean allHaveTheirs = committed.members().keySet().stream()
                .map(committed::current)
                .allMatch(current -> current.state() == MemberAssignment.State.STABLE
                        && current.memberEpoch() == committed.assignmentEpoch());
        return allHaveTheirs ? "Stable" : "Reconciling";
    }

    @Override
    public String protocolTypeName() {
        return CONSUMERS;
    }

    @Override
    public boolean isUnused() {
        return decided.members().isEmpty();
    }

    @Override
    public Optional<Set<String>> subscribedTopics() {
        return Optional.of(subscriptions.names(decided.members().values()));
    }

    @Override
    public long unusedSinceMs(long committedMs) {
        return committedMs;
    }

    @Override
    public List<GroupRecord> tombstones() {
        var key = new GroupRecord.GroupKey(groupId);
        return List.of(new TargetEpochSaved(key, null), new EpochSaved(key, null));
    }
}
