package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.ConsumerGroupRecord.ClassicMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What those members of consumer groups ask who speak the classic protocol, while a group goes from one protocol to the other (KIP-848).
 *
 * <p>Owned by the loop of its groups. Such a member's generation is its epoch. Its join is as a heartbeat that says everything; there is no leader, and its
 * sync is answered with what the coordinator has assigned. A heartbeat has it join again whenever that brings it nearer to its target.
 */
final class ClassicMembers {
    private static final short VERSION_WITH_KNOWN_MEMBER_ID = 4;

    private final ConsumerRules rules;
    private final Supplier<TopicCatalog> topics;
    private final Supplier<String> memberIdSuffixes;
    private final GroupWakeups wakeups;

    ClassicMembers(
            ConsumerRules rules,
            Supplier<TopicCatalog> topics,
            Supplier<String> memberIdSuffixes,
            GroupWakeups wakeups) {
        this.rules = rules;
        this.topics = topics;
        this.memberIdSuffixes = memberIdSuffixes;
        this.wakeups = wakeups;
    }

    /** A member joins, or joins again. */
    Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> join(
            ConsumerGroup group, JoinGroupRequest request, short apiVersion, ClientIdentity client, long nowMs) {
        Optional<ConsumerProtocol.Subscription> wanted = accepted(group, request);
        if (wanted.isEmpty()) {
            return GroupJoin.refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId());
        }
        String memberId = request.memberId();
        if (memberId.isEmpty()) {
            String name = request.groupInstanceId() == null ? client.clientId() : request.groupInstanceId();
            memberId = name + "-" + memberIdSuffixes.get();
            if (request.groupInstanceId() == null && apiVersion >= VERSION_WITH_KNOWN_MEMBER_ID) {
                return GroupJoin.refuse(ErrorCode.MEMBER_ID_REQUIRED, memberId);
            }
        } else {
            ErrorCode error = checkReturning(group, request.groupInstanceId(), memberId);
            if (error != ErrorCode.NONE) {
                return GroupJoin.refuse(error, memberId);
            }
        }
        var classic = new ClassicMetadata(request.sessionTimeoutMs(), request.protocols());
        var heartbeat = new ConsumerHeartbeat(
                group, asHeartbeat(group, memberId, request, wanted.get()), rules.of(group.groupId()), classic);
        Optional<ConsumerHeartbeat.Refusal> refusal = heartbeat.check();
        if (refusal.isPresent()) {
            return GroupJoin.refuse(refusal.get().error(), memberId);
        }
        var decided = heartbeat.decide(client, topics.get(), nowMs);
        wakeups.noLaterThan(group.deadlineMs(memberId), group.groupId());
        var answer = new JoinGroupResponse(
                0,
                ErrorCode.NONE,
                decided.answer().memberEpoch(),
                Group.CONSUMERS,
                request.protocols().get(0).name(),
                "",
                false,
                memberId,
                List.of());
        return new Outcome<>(decided.records(), CompletableFuture.completedFuture(answer));
    }

    /** What the member wants; empty where it could not take part. */
    private static Optional<ConsumerProtocol.Subscription> accepted(ConsumerGroup group, JoinGroupRequest request) {
        boolean isConsumer = request.protocolType().equals(Group.CONSUMERS)
                && !request.protocols().isEmpty();
        if (!isConsumer || !sharesProtocol(group, request)) {
            return Optional.empty();
        }
        return ConsumerProtocol.subscription(request.protocols().get(0).metadata());
    }

    /** Whether all others that speak the classic protocol have one of the member's assignors, which they need when the group is classic again. */
    private static boolean sharesProtocol(ConsumerGroup group, JoinGroupRequest request) {
        List<ClassicMetadata> others = new ArrayList<>();
        group.state().members().forEach((memberId, member) -> {
            boolean isSame = memberId.equals(request.memberId())
                    || (member.instanceId() != null && member.instanceId().equals(request.groupInstanceId()));
            if (member.classicMemberMetadata() != null && !isSame) {
                others.add(member.classicMemberMetadata());
            }
        });
        return request.protocols().stream()
                .anyMatch(protocol -> others.stream().allMatch(other -> other.supports(protocol.name())));
    }

    /** A dynamic member need not be known: it has got its id from a coordinator that did not remember it. */
    private static ErrorCode checkReturning(ConsumerGroup group, @Nullable String instanceId, String memberId) {
        if (instanceId != null) {
            return check(group, instanceId, memberId);
        }
        boolean speaksOtherwise = group.state().members().containsKey(memberId) && !group.isClassic(memberId);
        return speaksOtherwise ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.NONE;
    }

    private ConsumerGroupHeartbeatRequest asHeartbeat(
            ConsumerGroup group, String memberId, JoinGroupRequest request, ConsumerProtocol.Subscription wanted) {
        int rebalanceTimeoutMs =
                request.rebalanceTimeoutMs() < 0 ? request.sessionTimeoutMs() : request.rebalanceTimeoutMs();
        return new ConsumerGroupHeartbeatRequest(
                group.groupId(),
                memberId,
                group.state().current(memberId).memberEpoch(),
                request.groupInstanceId(),
                wanted.rackId(),
                rebalanceTimeoutMs,
                wanted.topics(),
                null,
                null,
                ConsumerProtocol.known(wanted.ownedPartitions(), topics.get()).toWire());
    }

    /** A member asks for its assignment. */
    SyncGroupResponse sync(ConsumerGroup group, SyncGroupRequest request, long nowMs) {
        String memberId = request.memberId();
        ErrorCode error = check(group, request.groupInstanceId(), memberId);
        if (error != ErrorCode.NONE) {
            return SyncGroupResponse.error(error);
        }
        MemberAssignment current = group.state().current(memberId);
        if (request.generationId() != current.memberEpoch()) {
            return SyncGroupResponse.error(ErrorCode.ILLEGAL_GENERATION);
        }
        ClassicMetadata spoken = Objects.requireNonNull(member(group, memberId).classicMemberMetadata());
        String protocolName = Objects.requireNonNullElse(
                request.protocolName(), spoken.supportedProtocols().get(0).name());
        boolean isConsumer =
                request.protocolType() == null || request.protocolType().equals(Group.CONSUMERS);
        if (!isConsumer || !spoken.supports(protocolName)) {
            return SyncGroupResponse.error(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        }
        onSignOfLife(group, memberId, nowMs);
        boolean isOutdated =
                current.memberEpoch() < group.state().epoch() && current.state() != MemberAssignment.State.UNREVOKED;
        return isOutdated
                ? SyncGroupResponse.error(ErrorCode.REBALANCE_IN_PROGRESS)
                : new SyncGroupResponse(
                        0,
                        ErrorCode.NONE,
                        Group.CONSUMERS,
                        protocolName,
                        ConsumerProtocol.assignment(current.assigned(), topics.get()));
    }

    private static MemberMetadata member(ConsumerGroup group, String memberId) {
        return Objects.requireNonNull(group.state().members().get(memberId));
    }

    private void onSignOfLife(ConsumerGroup group, String memberId, long nowMs) {
        group.onSignOfLife(memberId, rules.of(group.groupId()).sessionTimeoutMs(), nowMs);
        wakeups.noLaterThan(group.deadlineMs(memberId), group.groupId());
    }

    /** A member is alive, and learns whether it has to join again. */
    HeartbeatResponse heartbeat(ConsumerGroup group, HeartbeatRequest request, long nowMs) {
        String memberId = request.memberId();
        ErrorCode error = check(group, request.groupInstanceId(), memberId);
        if (error != ErrorCode.NONE) {
            return new HeartbeatResponse(0, error);
        }
        if (request.generationId() != group.state().current(memberId).memberEpoch()) {
            return new HeartbeatResponse(0, ErrorCode.ILLEGAL_GENERATION);
        }
        onSignOfLife(group, memberId, nowMs);
        return new HeartbeatResponse(
                0, group.mustJoinAgain(memberId) ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE);
    }

    /** Whether a request is that of a member, under its instance if it names one, that speaks the classic protocol. */
    private static ErrorCode check(ConsumerGroup group, @Nullable String instanceId, String memberId) {
        if (instanceId != null) {
            String holder = group.state().memberIdOfInstance(instanceId);
            if (holder == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            if (!holder.equals(memberId)) {
                return ErrorCode.FENCED_INSTANCE_ID;
            }
        }
        return group.isClassic(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }

    /** Members leave for good. */
    Outcome<GroupRecord, LeaveGroupResponse> leave(ConsumerGroup group, LeaveGroupRequest request) {
        boolean single = request.members().isEmpty();
        List<LeaveGroupRequest.Member> leaving =
                single ? List.of(new LeaveGroupRequest.Member(request.memberId(), null, null)) : request.members();
        var records = new ArrayList<GroupRecord>();
        var answers = new ArrayList<LeaveGroupResponse.Member>();
        for (LeaveGroupRequest.Member member : leaving) {
            ErrorCode error = remove(group, member, records);
            answers.add(new LeaveGroupResponse.Member(member.memberId(), member.groupInstanceId(), error));
        }
        return new Outcome<>(records, ClassicGroups.left(answers, single));
    }

    private static ErrorCode remove(ConsumerGroup group, LeaveGroupRequest.Member leaving, List<GroupRecord> records) {
        String instanceId = leaving.groupInstanceId();
        String memberId = leaving.memberId();
        if (instanceId != null && memberId.isEmpty()) {
            memberId = Objects.requireNonNullElse(group.state().memberIdOfInstance(instanceId), "");
        }
        ErrorCode error = check(group, instanceId, memberId);
        if (error == ErrorCode.NONE) {
            group.remove(memberId, records);
        }
        return error;
    }
}
