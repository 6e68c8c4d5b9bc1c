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
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The classic groups of one partition of {@code __consumer_offsets}, and the requests of their members.
 *
 * <p>Owned by the loop of that partition.
 */
final class ClassicGroups {
    private static final short VERSION_WITH_MEMBER_EPOCHS = 9;

    private final Map<String, ClassicGroup> groups = new HashMap<>();
    private final GroupJoin joining;
    private final GroupWakeups wakeups;

    /** @param memberIdSuffixes makes the ids of members unique, across restarts too */
    ClassicGroups(GroupConfiguration configuration, Supplier<String> memberIdSuffixes, GroupWakeups wakeups) {
        this.joining = new GroupJoin(configuration, memberIdSuffixes);
        this.wakeups = wakeups;
    }

    @Nullable
    ClassicGroup group(String groupId) {
        return groups.get(groupId);
    }

    Collection<ClassicGroup> all() {
        return Collections.unmodifiableCollection(groups.values());
    }

    int size() {
        return groups.size();
    }

    // What members ask.

    /**
     * A member joins, or joins again. From version 4 on, one without an id first gets one (MEMBER_ID_REQUIRED, KIP-394),
     * so that a client which never sees its answers leaves no members behind.
     */
    Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> join(
            JoinGroupRequest request, short apiVersion, ClientIdentity client, boolean hasRoom, long nowMs) {
        ClassicGroup known = groups.get(request.groupId());
        ErrorCode refusal = joining.check(request, known, hasRoom);
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
    Outcome<GroupRecord, CompletableFuture<SyncGroupResponse>> sync(SyncGroupRequest request, long nowMs) {
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
    Outcome<GroupRecord, HeartbeatResponse> heartbeat(HeartbeatRequest request, long nowMs) {
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
    Outcome<GroupRecord, LeaveGroupResponse> leave(LeaveGroupRequest request, long nowMs) {
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

    static LeaveGroupResponse left(List<LeaveGroupResponse.Member> members, boolean single) {
        return single
                ? new LeaveGroupResponse(0, members.get(0).errorCode(), List.of())
                : new LeaveGroupResponse(0, ErrorCode.NONE, members);
    }

    /**
     * Whether offsets may be committed for a group of this kind. Without a generation: only where nobody is a member.
     *
     * @param apiVersion from 9 on the answer tells a group that is gone from a generation that is over
     */
    ErrorCode checkCommit(OffsetCommitRequest request, short apiVersion, long nowMs) {
        ClassicGroup group = groups.get(request.groupId());
        if (group == null) {
            if (request.generationIdOrMemberEpoch() < 0) {
                return ErrorCode.NONE;
            }
            return apiVersion >= VERSION_WITH_MEMBER_EPOCHS
                    ? ErrorCode.GROUP_ID_NOT_FOUND
                    : ErrorCode.ILLEGAL_GENERATION;
        }
        var author = new Author(request.memberId(), request.groupInstanceId(), request.generationIdOrMemberEpoch());
        return checkCommit(group, author, nowMs);
    }

    /**
     * Whether offsets may be committed with a transaction. Producers that know no members (before KIP-447) may always; the end of a rebalance is not waited
     * for, since producers do not know what to make of that.
     */
    ErrorCode checkCommit(TxnOffsetCommitRequest request, long nowMs) {
        ClassicGroup group = groups.get(request.groupId());
        if (group == null) {
            return request.generationIdOrMemberEpoch() < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION;
        }
        boolean knowsNoMembers = request.generationIdOrMemberEpoch() < 0
                && request.memberId().isEmpty()
                && request.groupInstanceId() == null;
        if (knowsNoMembers) {
            return ErrorCode.NONE;
        }
        var author = new Author(request.memberId(), request.groupInstanceId(), request.generationIdOrMemberEpoch());
        ErrorCode error = checkCommit(group, author, nowMs);
        return error == ErrorCode.REBALANCE_IN_PROGRESS ? ErrorCode.NONE : error;
    }

    /** Who commits, and as a member of which generation. */
    private record Author(String memberId, @Nullable String groupInstanceId, int generationId) {}

    private static ErrorCode checkCommit(ClassicGroup group, Author author, long nowMs) {
        if (author.generationId() < 0) {
            if (group.state() == GroupState.EMPTY) {
                return ErrorCode.NONE;
            }
            if (author.memberId().isEmpty() && author.groupInstanceId() == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
        }
        ErrorCode error = check(group, author.groupInstanceId(), author.memberId(), author.generationId());
        if (error != ErrorCode.NONE) {
            return error;
        }
        Objects.requireNonNull(group.members().member(author.memberId())).onSignOfLife(nowMs);
        return group.state() == GroupState.COMPLETING_REBALANCE ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
    }

    /** Takes a group over that has been one of another kind. */
    void adopt(ClassicGroup group) {
        groups.put(group.groupId(), group);
        schedule(group.groupId(), group);
    }

    /** The records before were about a group of another kind. */
    void forget(String groupId) {
        groups.remove(groupId);
    }

    /** Why nobody could be a member of a group that joins so; NONE where it could. */
    ErrorCode checkTimes(JoinGroupRequest request) {
        return joining.checkTimes(request);
    }

    /** Gives a group up, because it becomes one of another kind. The tombstones of it. */
    List<GroupRecord> giveUp(ClassicGroup group) {
        groups.remove(group.groupId());
        return group.tombstones();
    }

    // Time.

    /** Ends what is overdue in a group; nothing where there is no such group. */
    List<GroupRecord> expire(String groupId, long nowMs) {
        ClassicGroup group = groups.get(groupId);
        if (group == null) {
            return List.of();
        }
        List<GroupRecord> records = group.expire(nowMs);
        if (group.members().size() == 0 && group.generationId() == 0) {
            groups.remove(groupId);
        }
        schedule(groupId, group);
        return records;
    }

    private void schedule(String groupId, ClassicGroup group) {
        wakeups.noLaterThan(group.nextDeadlineMs(), groupId);
    }

    // What survives.

    void replay(GroupRecord.GroupSaved saved) {
        GroupRecord.GroupValue value = saved.value();
        String groupId = saved.key().group();
        if (value == null) {
            groups.remove(groupId);
        } else {
            groups.computeIfAbsent(groupId, ClassicGroup::new).restore(value);
        }
    }

    void onLoaded(long nowMs) {
        groups.forEach((groupId, group) -> {
            group.members().all().forEach(member -> member.onSignOfLife(nowMs));
            schedule(groupId, group);
        });
    }

    void commit(GroupRecord.GroupSaved saved, long nowMs) {
        String groupId = saved.key().group();
        ClassicGroup group = groups.get(groupId);
        if (group == null) {
            return;
        }
        if (saved.value() != null) {
            group.onAssignmentCommitted(saved.value().generation(), nowMs);
            schedule(groupId, group);
        } else if (group.members().size() == 0) { // else somebody has joined since the group was given up
            groups.remove(groupId);
        }
    }

    void onAppendFailed(GroupRecord.GroupSaved failed, ErrorCode error, long nowMs) {
        String groupId = failed.key().group();
        ClassicGroup group = groups.get(groupId);
        if (failed.value() != null && group != null) {
            group.onAssignmentFailed(failed.value().generation(), error, nowMs);
            schedule(groupId, group);
        }
    }

    void onResigned() {
        groups.values()
                .forEach(group -> group.members().all().forEach(member -> member.refuse(ErrorCode.NOT_COORDINATOR)));
    }
}
