package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The classic groups of one partition of {@code __consumer_offsets}.
 *
 * <p>Owned by the loop of that partition. Only the partition's leader has one, restored by {@link #replay} and
 * {@link #onLoaded}. Who belongs to a group is kept in memory alone until its assignments are handed out; those, and
 * committed offsets, count once {@link #commit} has seen their records.
 *
 * <p>A join or sync may be answered long after it was asked: its future completes on the owner's thread, when the
 * others have come, time is up, or the coordinator resigns.
 */
public final class Groups {
    /** Groups in one partition. */
    static final int GROUPS_MAX = 100_000;

    private final Map<String, ClassicGroup> groups = new HashMap<>();
    private final GroupJoin joining;
    private final CommittedOffsets offsets;
    private final GroupWakeups wakeups = new GroupWakeups();

    /**
     * No groups yet.
     *
     * @param memberIdSuffixes makes the ids of members unique, across restarts too
     */
    public Groups(GroupConfiguration configuration, Supplier<String> memberIdSuffixes) {
        this.joining = new GroupJoin(configuration, memberIdSuffixes);
        this.offsets = new CommittedOffsets(configuration.offsetMetadataBytesMax());
    }

    /**
     * A member joins, or joins again. From version 4 on, one without an id first gets one (MEMBER_ID_REQUIRED, KIP-394),
     * so that a client which never sees its answers leaves no members behind.
     */
    public Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> join(
            JoinGroupRequest request, short apiVersion, ClientIdentity client, long nowMs) {
        ClassicGroup known = groups.get(request.groupId());
        ErrorCode refusal = joining.check(request, known, groups.size() < GROUPS_MAX);
        if (refusal != ErrorCode.NONE) {
            return GroupJoin.refuse(refusal, request.memberId());
        }
        ClassicGroup group = known == null ? new ClassicGroup(request.groupId()) : known;
        if (!group.accepts(request)) {
            return GroupJoin.refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId());
        }
        groups.putIfAbsent(request.groupId(), group);
        var joined = joining.join(group, request, apiVersion, client, nowMs);
        schedule(request.groupId(), group);
        return joined;
    }

    /** A member asks for its assignment; the leader brings those of all. */
    public Outcome<GroupRecord, CompletableFuture<SyncGroupResponse>> sync(SyncGroupRequest request, long nowMs) {
        ClassicGroup group = groups.get(request.groupId());
        ErrorCode error = check(group, request.groupInstanceId(), request.memberId(), request.generationId());
        if (group == null || error != ErrorCode.NONE) {
            return refuseSync(error);
        }
        if (differs(request.protocolType(), group.protocolType())
                || differs(request.protocolName(), group.protocolName())) {
            return refuseSync(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        }
        GroupMember member = Objects.requireNonNull(group.members().member(request.memberId()));
        member.onSignOfLife(nowMs);
        return switch (group.state()) {
            case EMPTY -> refuseSync(ErrorCode.UNKNOWN_MEMBER_ID);
            case PREPARING_REBALANCE -> refuseSync(ErrorCode.REBALANCE_IN_PROGRESS);
            case STABLE -> Outcome.answer(CompletableFuture.completedFuture(group.syncAnswer(member)));
            case COMPLETING_REBALANCE -> {
                CompletableFuture<SyncGroupResponse> answer = member.awaitSync();
                List<GroupRecord> records = group.isLeader(member) ? group.assign(request, nowMs) : List.of();
                schedule(request.groupId(), group);
                yield new Outcome<>(records, answer);
            }
        };
    }

    private static boolean differs(@Nullable String claimed, @Nullable String actual) {
        return claimed != null && !claimed.equals(actual);
    }

    private static Outcome<GroupRecord, CompletableFuture<SyncGroupResponse>> refuseSync(ErrorCode error) {
        return Outcome.answer(CompletableFuture.completedFuture(SyncGroupResponse.error(error)));
    }

    /** A member is alive, and learns whether it has to join again. */
    public Outcome<GroupRecord, HeartbeatResponse> heartbeat(HeartbeatRequest request, long nowMs) {
        ClassicGroup group = groups.get(request.groupId());
        ErrorCode error = check(group, request.groupInstanceId(), request.memberId(), request.generationId());
        if (group == null || error != ErrorCode.NONE) {
            return Outcome.answer(new HeartbeatResponse(0, error));
        }
        Objects.requireNonNull(group.members().member(request.memberId())).onSignOfLife(nowMs);
        boolean rebalancing = group.state() == GroupState.PREPARING_REBALANCE;
        return Outcome.answer(new HeartbeatResponse(0, rebalancing ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE));
    }

    private static ErrorCode check(
            @Nullable ClassicGroup group, @Nullable String instanceId, String memberId, int generationId) {
        if (group == null) {
            return ErrorCode.UNKNOWN_MEMBER_ID;
        }
        ErrorCode error = group.members().check(instanceId, memberId);
        return error == ErrorCode.NONE && generationId != group.generationId() ? ErrorCode.ILLEGAL_GENERATION : error;
    }

    /** Members leave for good, so that the others need not wait for their session to end. */
    public Outcome<GroupRecord, LeaveGroupResponse> leave(LeaveGroupRequest request, long nowMs) {
        ClassicGroup group = groups.get(request.groupId());
        boolean single = request.members().isEmpty();
        List<LeaveGroupRequest.Member> leaving =
                single ? List.of(new LeaveGroupRequest.Member(request.memberId(), null, null)) : request.members();
        if (group == null) {
            return Outcome.answer(left(
                    leaving.stream()
                            .map(member -> left(member, ErrorCode.UNKNOWN_MEMBER_ID))
                            .toList(),
                    single));
        }
        var records = new ArrayList<GroupRecord>();
        var answers = new ArrayList<LeaveGroupResponse.Member>();
        for (LeaveGroupRequest.Member member : leaving) {
            answers.add(left(member, removeMember(group, member, records, nowMs)));
        }
        schedule(request.groupId(), group);
        return new Outcome<>(records, left(answers, single));
    }

    private static ErrorCode removeMember(
            ClassicGroup group, LeaveGroupRequest.Member leaving, List<GroupRecord> records, long nowMs) {
        GroupMembers members = group.members();
        String instanceId = leaving.groupInstanceId();
        String memberId = leaving.memberId();
        if (instanceId != null && memberId.isEmpty()) {
            memberId = Objects.requireNonNullElse(members.memberIdOfInstance(instanceId), "");
        }
        if (instanceId == null && members.removeExpected(memberId)) {
            records.addAll(group.tryCompleteJoin(nowMs));
            return ErrorCode.NONE;
        }
        ErrorCode error = members.check(instanceId, memberId);
        GroupMember member = members.member(memberId);
        if (error == ErrorCode.NONE && member != null) {
            records.addAll(group.remove(member, nowMs));
        }
        return error;
    }

    private static LeaveGroupResponse.Member left(LeaveGroupRequest.Member member, ErrorCode error) {
        return new LeaveGroupResponse.Member(member.memberId(), member.groupInstanceId(), error);
    }

    private static LeaveGroupResponse left(List<LeaveGroupResponse.Member> members, boolean single) {
        return single
                ? new LeaveGroupResponse(0, members.get(0).errorCode(), List.of())
                : new LeaveGroupResponse(0, ErrorCode.NONE, members);
    }

    /** Offsets are stored once the records are committed. Without a member id: for a group that has no members. */
    public Outcome<GroupRecord, OffsetCommitResponse> commitOffsets(OffsetCommitRequest request, long nowMs) {
        ErrorCode error = checkCommit(request);
        if (error != ErrorCode.NONE) {
            return Outcome.answer((OffsetCommitResponse) request.errorResponse(error));
        }
        ClassicGroup group = groups.get(request.groupId());
        GroupMember member = group == null ? null : group.members().member(request.memberId());
        if (member != null) {
            member.onSignOfLife(nowMs);
        }
        return offsets.commit(request, nowMs);
    }

    private ErrorCode checkCommit(OffsetCommitRequest request) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        ClassicGroup group = groups.get(request.groupId());
        if (request.generationIdOrMemberEpoch() < 0 && request.memberId().isEmpty()) {
            if (group == null) {
                return offsets.canAdd(request.groupId(), GROUPS_MAX)
                        ? ErrorCode.NONE
                        : ErrorCode.COORDINATOR_NOT_AVAILABLE;
            }
            return group.state() == GroupState.EMPTY ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
        }
        if (group == null) {
            return ErrorCode.ILLEGAL_GENERATION;
        }
        ErrorCode error =
                check(group, request.groupInstanceId(), request.memberId(), request.generationIdOrMemberEpoch());
        return error == ErrorCode.NONE && group.state() == GroupState.COMPLETING_REBALANCE
                ? ErrorCode.REBALANCE_IN_PROGRESS
                : error;
    }

    /** What is committed of one group; -1 where nothing is. */
    public OffsetFetchResponse.Group fetchOffsets(OffsetFetchRequest.Group request) {
        return offsets.fetch(request);
    }

    /** Ends sessions and waits whose time has come. The answer says nothing. */
    public Outcome<GroupRecord, Boolean> expire(long nowMs) {
        var records = new ArrayList<GroupRecord>();
        boolean expired = false;
        for (var due = wakeups.takeDue(nowMs); due.isPresent(); due = wakeups.takeDue(nowMs)) {
            String groupId = due.get();
            ClassicGroup group = groups.get(groupId);
            if (group != null) {
                records.addAll(group.expire(nowMs));
                forgetIfUnused(groupId, group);
                schedule(groupId, group);
                expired = true;
            }
        }
        return new Outcome<>(records, expired);
    }

    private void forgetIfUnused(String groupId, ClassicGroup group) {
        if (group.members().size() == 0 && group.generationId() == 0) {
            groups.remove(groupId);
        }
    }

    /** When {@link #expire} is due; {@link Long#MAX_VALUE} for never. */
    public long nextDeadlineMs() {
        return wakeups.nextMs();
    }

    private void schedule(String groupId, ClassicGroup group) {
        wakeups.noLaterThan(group.nextDeadlineMs(), groupId);
    }

    /** Takes over a record that an earlier coordinator has appended. */
    public void replay(GroupRecord logged) {
        if (logged instanceof GroupRecord.OffsetCommitted offset) {
            offsets.replay(offset);
            return;
        }
        var saved = (GroupRecord.GroupSaved) logged;
        GroupRecord.GroupValue value = saved.value();
        String groupId = saved.key().group();
        if (value == null) {
            groups.remove(groupId);
            offsets.forget(groupId);
        } else {
            groups.computeIfAbsent(groupId, ClassicGroup::new).restore(value);
        }
    }

    /** All records have been replayed: the members of all groups have their session's time to be heard of. */
    public void onLoaded(long nowMs) {
        groups.forEach((groupId, group) -> {
            group.members().all().forEach(member -> member.onSignOfLife(nowMs));
            schedule(groupId, group);
        });
    }

    /** Takes effect of a record that this coordinator has appended and that is committed now. */
    public void commit(GroupRecord committed, long nowMs) {
        if (committed instanceof GroupRecord.OffsetCommitted offset) {
            offsets.replay(offset);
            return;
        }
        var saved = (GroupRecord.GroupSaved) committed;
        ClassicGroup group = groups.get(saved.key().group());
        if (group != null && saved.value() != null) {
            group.onAssignmentCommitted(saved.value().generation(), nowMs);
            schedule(saved.key().group(), group);
        }
    }

    /** The records of an outcome will not be committed: who waits for them is told the error. */
    public void onAppendFailed(List<GroupRecord> records, ErrorCode error, long nowMs) {
        for (GroupRecord failed : records) {
            if (failed instanceof GroupRecord.GroupSaved saved && saved.value() != null) {
                ClassicGroup group = groups.get(saved.key().group());
                if (group != null) {
                    group.onAssignmentFailed(saved.value().generation(), error, nowMs);
                    schedule(saved.key().group(), group);
                }
            }
        }
    }

    /** Another broker coordinates these groups now: who waits is sent there. */
    public void onResigned() {
        groups.values()
                .forEach(group -> group.members().all().forEach(member -> member.refuse(ErrorCode.NOT_COORDINATOR)));
    }
}
