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
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One consumer group and its generations; {@link GroupState} draws its life.
 *
 * <p>Owned by the loop of its group. Requests have been checked by {@link Groups} when they get here. Methods that
 * change who is in the group return the records that the change calls for.
 */
final class ClassicGroup {
    private final String groupId;
    private final Map<String, GroupMember> members = new LinkedHashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>(); // group instance id to member id
    private final Map<String, Long> expectedMembers = new HashMap<>(); // ids handed out, and until when they are good
    private GroupState state = EMPTY;
    private int generationId;
    private @Nullable String protocolType;
    private @Nullable String protocolName;
    private @Nullable String leaderId;
    private boolean assignmentUnderWay;
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

    Collection<GroupMember> members() {
        return members.values();
    }

    @Nullable
    GroupMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    String memberIdOfInstance(String groupInstanceId) {
        return staticMembers.get(groupInstanceId);
    }

    boolean isLeader(GroupMember member) {
        return member.memberId().equals(leaderId);
    }

    /** How many members there are, those included who are about to join under an id of ours. */
    int size() {
        return members.size() + expectedMembers.size();
    }

    /** Whether the member could take part: the same type, and a protocol that all others speak. */
    boolean accepts(JoinGroupRequest request) {
        if (request.protocolType().isEmpty() || request.protocols().isEmpty()) {
            return false;
        }
        if (members.isEmpty()) {
            return true;
        }
        return request.protocolType().equals(protocolType)
                && request.protocols().stream().anyMatch(protocol -> members.values().stream()
                        .filter(member -> !isSame(member, request))
                        .allMatch(member -> member.supports(protocol.name())));
    }

    private static boolean isSame(GroupMember member, JoinGroupRequest request) {
        return member.memberId().equals(request.memberId())
                || (member.isStatic() && Objects.equals(member.groupInstanceId(), request.groupInstanceId()));
    }

    // Members come and go.

    void expectMember(String memberId, long untilMs) {
        expectedMembers.put(memberId, untilMs);
    }

    boolean isExpected(String memberId) {
        return expectedMembers.containsKey(memberId);
    }

    CompletableFuture<JoinGroupResponse> addMember(
            GroupMember member, JoinGroupRequest request, int initialDelayMs, long nowMs) {
        expectedMembers.remove(member.memberId());
        if (members.isEmpty()) {
            protocolType = request.protocolType();
        }
        members.put(member.memberId(), member);
        String instanceId = member.groupInstanceId();
        if (instanceId != null) {
            staticMembers.put(instanceId, member.memberId());
        }
        CompletableFuture<JoinGroupResponse> answer = member.awaitJoin();
        if (state == EMPTY) {
            prepareRebalance(nowMs);
            joinNotBeforeMs = nowMs + initialDelayMs;
        } else if (state == PREPARING_REBALANCE && joinNotBeforeMs > nowMs) {
            joinNotBeforeMs = Math.min(nowMs + initialDelayMs, rebalanceBeganMs + rebalanceTimeoutMs());
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
        members.remove(old.memberId());
        members.put(replacement.memberId(), replacement);
        String instanceId = replacement.groupInstanceId();
        if (instanceId != null) {
            staticMembers.put(instanceId, replacement.memberId());
        }
        replacement.assign(old.assignment());
        if (isLeader(old)) {
            leaderId = replacement.memberId();
        }
        return state == STABLE && electProtocol().equals(protocolName);
    }

    CompletableFuture<JoinGroupResponse> rejoin(GroupMember member, long nowMs) {
        CompletableFuture<JoinGroupResponse> answer = member.awaitJoin();
        prepareRebalance(nowMs);
        return answer;
    }

    boolean removeExpected(String memberId) {
        return expectedMembers.remove(memberId) != null;
    }

    List<GroupRecord> remove(GroupMember member, long nowMs) {
        drop(member);
        if (state == STABLE || state == COMPLETING_REBALANCE) {
            prepareRebalance(nowMs);
        }
        return tryCompleteJoin(nowMs);
    }

    private void drop(GroupMember member) {
        members.remove(member.memberId());
        String instanceId = member.groupInstanceId();
        if (instanceId != null) {
            staticMembers.remove(instanceId, member.memberId());
        }
        member.refuse(ErrorCode.UNKNOWN_MEMBER_ID);
        if (isLeader(member)) {
            leaderId = members.keySet().stream().findFirst().orElse(null);
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
            members.values().forEach(member -> {
                member.assign(Bytes.EMPTY);
                member.answerSync(SyncGroupResponse.error(ErrorCode.REBALANCE_IN_PROGRESS));
                member.onSignOfLife(nowMs);
            });
        }
        state = PREPARING_REBALANCE;
        rebalanceBeganMs = nowMs;
        joinNotBeforeMs = nowMs;
        rebalanceDeadlineMs = nowMs + rebalanceTimeoutMs();
    }

    private int rebalanceTimeoutMs() {
        return members.values().stream()
                .mapToInt(GroupMember::rebalanceTimeoutMs)
                .max()
                .orElse(0);
    }

    /** Begins the next generation if all have joined or the time is up. */
    List<GroupRecord> tryCompleteJoin(long nowMs) {
        boolean allHere =
                expectedMembers.isEmpty() && members.values().stream().allMatch(GroupMember::isWaitingForJoin);
        if (state != PREPARING_REBALANCE
                || nowMs < joinNotBeforeMs
                || !(allHere || members.isEmpty() || nowMs >= rebalanceDeadlineMs)) {
            return List.of();
        }
        expectedMembers.clear();
        members.values().stream()
                .filter(member -> !member.isWaitingForJoin() && !member.isStatic())
                .toList()
                .forEach(this::drop);
        if (members.isEmpty()) {
            return becomeEmpty(nowMs);
        }
        if (members.values().stream().noneMatch(GroupMember::isWaitingForJoin)) {
            rebalanceDeadlineMs = nowMs + rebalanceTimeoutMs(); // static members only; they may come back
            return List.of();
        }
        beginGeneration(nowMs);
        return List.of();
    }

    private List<GroupRecord> becomeEmpty(long nowMs) {
        generationId++;
        state = EMPTY;
        protocolName = null;
        leaderId = null;
        return List.of(toRecord(nowMs));
    }

    private void beginGeneration(long nowMs) {
        generationId++;
        protocolName = electProtocol();
        GroupMember leader = leaderId == null ? null : members.get(leaderId);
        if (leader == null || !leader.isWaitingForJoin()) {
            leaderId = members.values().stream()
                    .filter(GroupMember::isWaitingForJoin)
                    .map(GroupMember::memberId)
                    .findFirst()
                    .orElseThrow();
        }
        state = COMPLETING_REBALANCE;
        rebalanceDeadlineMs = nowMs + rebalanceTimeoutMs();
        for (GroupMember member : members.values()) {
            member.onSignOfLife(nowMs);
            member.answerJoin(joinAnswer(member));
        }
    }

    /** Of the protocols that all speak, the one that most prefer. */
    private String electProtocol() {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (GroupMember voter : members.values()) {
            voter.protocols().stream()
                    .map(JoinGroupRequest.Protocol::name)
                    .filter(name -> members.values().stream().allMatch(member -> member.supports(name)))
                    .findFirst()
                    .ifPresent(name -> votes.merge(name, 1, Integer::sum));
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow(() -> new IllegalStateException("Group " + groupId + " has no protocol in common"));
    }

    /** The generation as the member is to see it; its leader also sees who else belongs to it. */
    JoinGroupResponse joinAnswer(GroupMember member) {
        return joinAnswer(member, leaderId == null ? "" : leaderId, false);
    }

    JoinGroupResponse joinAnswer(GroupMember member, String shownLeaderId, boolean skipAssignment) {
        boolean isLeader = member.memberId().equals(shownLeaderId);
        List<JoinGroupResponse.Member> others = isLeader
                ? members.values().stream()
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
        members.values().forEach(member -> member.assign(assignments.getOrDefault(member.memberId(), Bytes.EMPTY)));
        assignmentUnderWay = true;
        return List.of(toRecord(nowMs));
    }

    void onAssignmentCommitted(int committedGeneration, long nowMs) {
        if (!isAssigning(committedGeneration)) {
            return;
        }
        state = STABLE;
        assignmentUnderWay = false;
        for (GroupMember member : members.values()) {
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
        members.values().forEach(member -> member.answerSync(SyncGroupResponse.error(error)));
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
        expectedMembers.values().removeIf(deadlineMs -> deadlineMs <= nowMs);
        for (GroupMember member : List.copyOf(members.values())) {
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
        long deadlineMs = expectedMembers.values().stream().min(Long::compare).orElse(Long.MAX_VALUE);
        for (GroupMember member : members.values()) {
            deadlineMs = Math.min(deadlineMs, member.sessionDeadlineMs());
        }
        if (state == PREPARING_REBALANCE) {
            deadlineMs = Math.min(deadlineMs, allHereAtMs());
        }
        if (state == COMPLETING_REBALANCE && !assignmentUnderWay) {
            deadlineMs = Math.min(deadlineMs, rebalanceDeadlineMs);
        }
        return deadlineMs;
    }

    private long allHereAtMs() {
        return expectedMembers.isEmpty() && members.values().stream().allMatch(GroupMember::isWaitingForJoin)
                ? joinNotBeforeMs
                : rebalanceDeadlineMs;
    }

    // What survives.

    GroupRecord toRecord(long nowMs) {
        var value = new GroupRecord.GroupValue(
                protocolType == null ? "" : protocolType,
                generationId,
                protocolName,
                leaderId,
                nowMs,
                members.values().stream()
                        .map(member -> member.toRecord(protocolName))
                        .toList());
        return new GroupRecord.GroupSaved(new GroupRecord.GroupKey(groupId), value);
    }

    /** Becomes what an earlier coordinator has saved. */
    void restore(GroupRecord.GroupValue saved) {
        members.clear();
        staticMembers.clear();
        generationId = saved.generation();
        protocolType = saved.protocolType();
        protocolName = saved.protocol();
        leaderId = saved.leader();
        String protocol = saved.protocol() == null ? "" : saved.protocol();
        for (GroupRecord.MemberValue value : saved.members()) {
            var member = new GroupMember(value, protocol);
            members.put(value.memberId(), member);
            String instanceId = value.groupInstanceId();
            if (instanceId != null) {
                staticMembers.put(instanceId, value.memberId());
            }
        }
        state = members.isEmpty() ? EMPTY : STABLE;
    }
}
