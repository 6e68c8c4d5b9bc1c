package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.GroupState.COMPLETING_REBALANCE;
import static io.millrace.coordinator.group.GroupState.EMPTY;
import static io.millrace.coordinator.group.GroupState.PREPARING_REBALANCE;
import static io.millrace.coordinator.group.GroupState.STABLE;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One consumer group and its generations; {@link GroupState} draws its life, {@link GroupMembers} knows who belongs to it.
 *
 * <p>Owned by the loop of its group. Requests have been checked by {@link Groups} when they get here. Methods that
 * change who is in the group return the records that the change calls for.
 */
final class ClassicGroup implements Group {
    private final String groupId;
    private final GroupMembers members = new GroupMembers();
    private GroupState state = EMPTY;
    private int generationId;
    private @Nullable String protocolType;
    private @Nullable String protocolName;
    private @Nullable String leaderId;
    private boolean assignmentUnderWay;
    private long emptySinceMs;
    private long rebalanceBeganMs;
    private long joinNotBeforeMs;
    private long rebalanceDeadlineMs;

    ClassicGroup(String groupId) {
        this.groupId = groupId;
    }

    GroupState state() {
        return state;
    }

    int generationId() {
        return generationId;
    }

    @Nullable
    String protocolType() {
        return protocolType;
    }

    @Nullable
    String protocolName() {
        return protocolName;
    }

    GroupMembers members() {
        return members;
    }

    boolean isLeader(GroupMember member) {
        return member.memberId().equals(leaderId);
    }

    /** Whether the member could take part: the same type, and a protocol that all others speak. */
    boolean accepts(JoinGroupRequest request) {
        if (request.protocolType().isEmpty() || request.protocols().isEmpty()) {
            return false;
        }
        if (members.isEmpty()) {
            return true;
        }
        return request.protocolType().equals(protocolType) && members.shareProtocol(request);
    }

    // Members come and go.

    CompletableFuture<JoinGroupResponse> addMember(
            GroupMember member, JoinGroupRequest request, int initialDelayMs, long nowMs) {
        if (members.isEmpty()) {
            protocolType = request.protocolType();
        }
        members.add(member);
        CompletableFuture<JoinGroupResponse> answer = member.awaitJoin();
        if (state == EMPTY) {
            prepareRebalance(nowMs);
            joinNotBeforeMs = nowMs + initialDelayMs;
        } else if (state == PREPARING_REBALANCE && joinNotBeforeMs > nowMs) {
            joinNotBeforeMs = Math.min(nowMs + initialDelayMs, rebalanceBeganMs + members.rebalanceTimeoutMs());
        } else {
            prepareRebalance(nowMs);
        }
        return answer;
    }

    /**
     * A static member has come back under a new id. Whether the group may go on as it is: also where what the member says of itself has
     * changed, which it does with every start, as long as the protocol stays.
     */
    boolean replaceStaticMember(GroupMember old, GroupMember replacement) {
        old.refuse(ErrorCode.FENCED_INSTANCE_ID);
        members.remove(old);
        members.add(replacement);
        replacement.assign(old.assignment());
        if (isLeader(old)) {
            leaderId = replacement.memberId();
        }
        return state == STABLE && members.electProtocol().equals(protocolName);
    }

    CompletableFuture<JoinGroupResponse> rejoin(GroupMember member, long nowMs) {
        CompletableFuture<JoinGroupResponse> answer = member.awaitJoin();
        prepareRebalance(nowMs);
        return answer;
    }

    List<GroupRecord> remove(GroupMember member, long nowMs) {
        drop(member);
        if (state == STABLE || state == COMPLETING_REBALANCE) {
            prepareRebalance(nowMs);
        }
        return tryCompleteJoin(nowMs);
    }

    private void drop(GroupMember member) {
        members.remove(member);
        member.refuse(ErrorCode.UNKNOWN_MEMBER_ID);
        if (isLeader(member)) {
            leaderId = members.all().stream()
                    .map(GroupMember::memberId)
                    .findFirst()
                    .orElse(null);
        }
    }

    // A rebalance: first all join, then the leader's assignments are handed out.

    /** Asks all members to join again. Does nothing more while that goes on already. */
    void prepareRebalance(long nowMs) {
        if (state == PREPARING_REBALANCE) {
            return;
        }
        assignmentUnderWay = false;
        if (state == COMPLETING_REBALANCE) {
            members.all().forEach(member -> {
                member.assign(Bytes.EMPTY);
                member.answerSync(SyncGroupResponse.error(ErrorCode.REBALANCE_IN_PROGRESS));
                member.onSignOfLife(nowMs);
            });
        }
        state = PREPARING_REBALANCE;
        rebalanceBeganMs = nowMs;
        joinNotBeforeMs = nowMs;
        rebalanceDeadlineMs = nowMs + members.rebalanceTimeoutMs();
    }

    /** Begins the next generation if all have joined or the time is up. */
    List<GroupRecord> tryCompleteJoin(long nowMs) {
        if (state != PREPARING_REBALANCE
                || nowMs < joinNotBeforeMs
                || !(members.areAllWaitingForJoin() || members.isEmpty() || nowMs >= rebalanceDeadlineMs)) {
            return List.of();
        }
        members.removeAllExpected();
        members.all().stream()
                .filter(member -> !member.isWaitingForJoin() && !member.isStatic())
                .toList()
                .forEach(this::drop);
        if (members.isEmpty()) {
            return becomeEmpty(nowMs);
        }
        if (members.isNoneWaitingForJoin()) {
            rebalanceDeadlineMs = nowMs + members.rebalanceTimeoutMs(); // static members only; they may come back
            return List.of();
        }
        beginGeneration(nowMs);
        return List.of();
    }

    private List<GroupRecord> becomeEmpty(long nowMs) {
        generationId++;
        state = EMPTY;
        emptySinceMs = nowMs;
        protocolName = null;
        leaderId = null;
        return List.of(toRecord(nowMs));
    }

    private void beginGeneration(long nowMs) {
        generationId++;
        protocolName = members.electProtocol();
        GroupMember leader = leaderId == null ? null : members.member(leaderId);
        if (leader == null || !leader.isWaitingForJoin()) {
            leaderId = members.all().stream()
                    .filter(GroupMember::isWaitingForJoin)
                    .map(GroupMember::memberId)
                    .findFirst()
                    .orElseThrow();
        }
        state = COMPLETING_REBALANCE;
        rebalanceDeadlineMs = nowMs + members.rebalanceTimeoutMs();
        for (GroupMember member : members.all()) {
            member.onSignOfLife(nowMs);
            member.answerJoin(joinAnswer(member));
        }
    }

    /** The generation as the member is to see it; its leader also sees who else belongs to it. */
    JoinGroupResponse joinAnswer(GroupMember member) {
        return joinAnswer(member, leaderId == null ? "" : leaderId, false);
    }

    JoinGroupResponse joinAnswer(GroupMember member, String shownLeaderId, boolean skipAssignment) {
        boolean isLeader = member.memberId().equals(shownLeaderId);
        List<JoinGroupResponse.Member> others = isLeader
                ? members.all().stream()
                        .map(other -> new JoinGroupResponse.Member(
                                other.memberId(), other.groupInstanceId(), other.metadata(protocolName)))
                        .toList()
                : List.of();
        return new JoinGroupResponse(
                0,
                ErrorCode.NONE,
                generationId,
                protocolType,
                protocolName,
                shownLeaderId,
                isLeader && skipAssignment,
                member.memberId(),
                others);
    }

    /** Takes the leader's assignments; they count once the record is committed. Nothing where that is under way. */
    List<GroupRecord> assign(SyncGroupRequest request, long nowMs) {
        if (assignmentUnderWay) {
            return List.of();
        }
        Map<String, Bytes> assignments = new HashMap<>();
        request.assignments().forEach(one -> assignments.put(one.memberId(), one.assignment()));
        members.all().forEach(member -> member.assign(assignments.getOrDefault(member.memberId(), Bytes.EMPTY)));
        assignmentUnderWay = true;
        return List.of(toRecord(nowMs));
    }

    void onAssignmentCommitted(int committedGeneration, long nowMs) {
        if (!isAssigning(committedGeneration)) {
            return;
        }
        state = STABLE;
        assignmentUnderWay = false;
        for (GroupMember member : members.all()) {
            if (member.isWaitingForSync()) {
                member.onSignOfLife(nowMs);
                member.answerSync(syncAnswer(member));
            }
        }
    }

    void onAssignmentFailed(int failedGeneration, ErrorCode error, long nowMs) {
        if (!isAssigning(failedGeneration)) {
            return;
        }
        members.all().forEach(member -> member.answerSync(SyncGroupResponse.error(error)));
        prepareRebalance(nowMs);
    }

    private boolean isAssigning(int generation) {
        return state == COMPLETING_REBALANCE && assignmentUnderWay && generation == generationId;
    }

    SyncGroupResponse syncAnswer(GroupMember member) {
        return new SyncGroupResponse(0, ErrorCode.NONE, protocolType, protocolName, member.assignment());
    }

    // Time.

    /** Ends what is overdue: sessions, ids that nobody used, the two halves of a rebalance. */
    List<GroupRecord> expire(long nowMs) {
        var records = new ArrayList<GroupRecord>();
        members.expireExpected(nowMs);
        for (GroupMember member : List.copyOf(members.all())) {
            if (member.sessionDeadlineMs() <= nowMs || hasMissedSync(member, nowMs)) {
                records.addAll(remove(member, nowMs));
            }
        }
        records.addAll(tryCompleteJoin(nowMs));
        return records;
    }

    private boolean hasMissedSync(GroupMember member, long nowMs) {
        return state == COMPLETING_REBALANCE
                && !assignmentUnderWay
                && rebalanceDeadlineMs <= nowMs
                && !member.isWaitingForSync();
    }

    /** When {@link #expire} has something to do; {@link Long#MAX_VALUE} for never. */
    long nextDeadlineMs() {
        long deadlineMs = members.nextDeadlineMs();
        if (state == PREPARING_REBALANCE) {
            long endsMs = members.areAllWaitingForJoin() ? joinNotBeforeMs : rebalanceDeadlineMs;
            deadlineMs = Math.min(deadlineMs, endsMs);
        }
        if (state == COMPLETING_REBALANCE && !assignmentUnderWay) {
            deadlineMs = Math.min(deadlineMs, rebalanceDeadlineMs);
        }
        return deadlineMs;
    }

    // What survives.

    GroupRecord toRecord(long nowMs) {
        var value = new GroupRecord.GroupValue(
                protocolType == null ? "" : protocolType,
                generationId,
                protocolName,
                leaderId,
                nowMs,
                members.all().stream()
                        .map(member -> member.toRecord(protocolName))
                        .toList());
        return new GroupRecord.GroupSaved(new GroupRecord.GroupKey(groupId), value);
    }

    /** Becomes what an earlier coordinator has saved. */
    void restore(GroupRecord.GroupValue saved) {
        members.clear();
        generationId = saved.generation();
        protocolType = saved.protocolType();
        emptySinceMs = saved.currentStateTimestamp();
        protocolName = saved.protocol();
        leaderId = saved.leader();
        String protocol = saved.protocol() == null ? "" : saved.protocol();
        for (GroupRecord.MemberValue value : saved.members()) {
            members.add(new GroupMember(value, protocol));
        }
        state = members.isEmpty() ? EMPTY : STABLE;
    }

    /**
     * Becomes what a group of the other kind was, and asks all to join again.
     *
     * @param generation in which the members believe to be
     */
    void begin(int generation, List<GroupMember> from, long nowMs) {
        generationId = generation;
        protocolType = CONSUMERS;
        from.forEach(member -> {
            members.add(member);
            member.onSignOfLife(nowMs);
        });
        protocolName = members.electProtocol();
        leaderId = from.get(0).memberId();
        state = STABLE;
        prepareRebalance(nowMs);
    }

    // What operators see.

    @Override
    public String groupId() {
        return groupId;
    }

    @Override
    public String typeName() {
        return "classic";
    }

    @Override
    public String stateName() {
        return state.kafkaName();
    }

    @Override
    public String protocolTypeName() {
        return protocolType == null ? "" : protocolType;
    }

    @Override
    public boolean isUnused() {
        return state == EMPTY && members.size() == 0;
    }

    @Override
    public Optional<Set<String>> subscribedTopics() {
        boolean known = state == STABLE || state == COMPLETING_REBALANCE;
        return known && CONSUMERS.equals(protocolType) ? members.subscribedTopics(protocolName) : Optional.empty();
    }

    @Override
    public long unusedSinceMs(long committedMs) {
        return Math.max(emptySinceMs, committedMs);
    }

    @Override
    public List<GroupRecord> tombstones() {
        return List.of(new GroupRecord.GroupSaved(new GroupRecord.GroupKey(groupId), null));
    }
}
