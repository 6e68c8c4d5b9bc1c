package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a member joins a group: anew, again, or as a static member that has come back in the place of its former self
 * (KIP-345).
 *
 * <p>Owned by the loop of its groups.
 */
final class GroupJoin {
    private static final short VERSION_WITH_KNOWN_MEMBER_ID = 4;
    private static final short VERSION_WITH_SKIPPED_ASSIGNMENT = 9;

    private final GroupConfiguration configuration;
    private final Supplier<String> memberIdSuffixes;

    /** @param memberIdSuffixes makes the ids of members unique, across restarts too */
    GroupJoin(GroupConfiguration configuration, Supplier<String> memberIdSuffixes) {
        this.configuration = configuration;
        this.memberIdSuffixes = memberIdSuffixes;
    }

    /**
     * Whether a request may be looked at.
     *
     * @param group null where there is none yet
     * @param hasRoom whether there may be one more
     */
    ErrorCode check(JoinGroupRequest request, @Nullable ClassicGroup group, boolean hasRoom) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        ErrorCode times = checkTimes(request);
        if (times != ErrorCode.NONE) {
            return times;
        }
        if (group == null) {
            if (!request.memberId().isEmpty()) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            return hasRoom ? ErrorCode.NONE : ErrorCode.COORDINATOR_NOT_AVAILABLE;
        }
        boolean isNew = request.memberId().isEmpty() && instanceOf(group, request) == null;
        return isNew && group.members().size() >= configuration.groupSizeMax()
                ? ErrorCode.GROUP_MAX_SIZE_REACHED
                : ErrorCode.NONE;
    }

    ErrorCode checkTimes(JoinGroupRequest request) {
        return request.sessionTimeoutMs() < configuration.sessionTimeoutMinMs()
                        || request.sessionTimeoutMs() > configuration.sessionTimeoutMaxMs()
                ? ErrorCode.INVALID_SESSION_TIMEOUT
                : ErrorCode.NONE;
    }

    private static @Nullable String instanceOf(ClassicGroup group, JoinGroupRequest request) {
        String instanceId = request.groupInstanceId();
        return instanceId == null ? null : group.members().memberIdOfInstance(instanceId);
    }

    /** Joins a group that accepts the member. */
    Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> join(
            ClassicGroup group, JoinGroupRequest request, short apiVersion, ClientIdentity client, long nowMs) {
        var joined = request.memberId().isEmpty()
                ? joinAnew(group, request, apiVersion, client, nowMs)
                : joinAgain(group, request, client, nowMs);
        var records = new ArrayList<>(joined.records());
        records.addAll(group.tryCompleteJoin(nowMs));
        return new Outcome<>(records, joined.answer());
    }

    private Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> joinAnew(
            ClassicGroup group, JoinGroupRequest request, short apiVersion, ClientIdentity client, long nowMs) {
        String name = request.groupInstanceId() == null ? client.clientId() : request.groupInstanceId();
        String memberId = name + "-" + memberIdSuffixes.get();
        var member = new GroupMember(memberId, client, request);
        member.onSignOfLife(nowMs);
        if (request.groupInstanceId() != null) {
            String old = instanceOf(group, request);
            GroupMember oldMember = old == null ? null : group.members().member(old);
            return oldMember == null
                    ? add(group, member, request, nowMs)
                    : replace(group, oldMember, member, apiVersion, nowMs);
        }
        if (apiVersion >= VERSION_WITH_KNOWN_MEMBER_ID) {
            group.members().expect(memberId, nowMs + request.sessionTimeoutMs());
            return refuse(ErrorCode.MEMBER_ID_REQUIRED, memberId);
        }
        return add(group, member, request, nowMs);
    }

    private Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> add(
            ClassicGroup group, GroupMember member, JoinGroupRequest request, long nowMs) {
        return Outcome.answer(group.addMember(member, request, configuration.initialRebalanceDelayMs(), nowMs));
    }

    /** A leader that cannot be told to skip the assignment is told of its old id, so that it makes none. */
    private static Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> replace(
            ClassicGroup group, GroupMember old, GroupMember member, short apiVersion, long nowMs) {
        boolean wasLeader = group.isLeader(old);
        if (!group.replaceStaticMember(old, member)) {
            return Outcome.answer(group.rejoin(member, nowMs));
        }
        boolean skips = apiVersion >= VERSION_WITH_SKIPPED_ASSIGNMENT;
        JoinGroupResponse answer =
                wasLeader && !skips ? group.joinAnswer(member, old.memberId(), false) : shown(group, member, skips);
        return new Outcome<>(List.of(group.toRecord(nowMs)), CompletableFuture.completedFuture(answer));
    }

    private static JoinGroupResponse shown(ClassicGroup group, GroupMember member, boolean skips) {
        return group.isLeader(member) ? group.joinAnswer(member, member.memberId(), skips) : group.joinAnswer(member);
    }

    private Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> joinAgain(
            ClassicGroup group, JoinGroupRequest request, ClientIdentity client, long nowMs) {
        GroupMember member = group.members().member(request.memberId());
        if (member == null
                && request.groupInstanceId() == null
                && group.members().isExpected(request.memberId())) {
            return add(group, new GroupMember(request.memberId(), client, request), request, nowMs);
        }
        ErrorCode error = group.members().check(request.groupInstanceId(), request.memberId());
        if (member == null || error != ErrorCode.NONE) {
            return refuse(error, request.memberId());
        }
        member.onSignOfLife(nowMs);
        boolean unchanged = member.protocols().equals(request.protocols());
        member.takeOver(request);
        boolean answeredAtOnce =
                switch (group.state()) {
                    case STABLE -> unchanged && !group.isLeader(member);
                    case COMPLETING_REBALANCE -> unchanged; // the answer to the join before was lost
                    default -> false;
                };
        return Outcome.answer(
                answeredAtOnce
                        ? CompletableFuture.completedFuture(group.joinAnswer(member))
                        : group.rejoin(member, nowMs));
    }

    static Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> refuse(ErrorCode error, String memberId) {
        return Outcome.answer(CompletableFuture.completedFuture(JoinGroupResponse.error(error, memberId)));
    }
}
