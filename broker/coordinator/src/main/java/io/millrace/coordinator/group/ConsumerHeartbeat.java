package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.ConsumerGroupRecord.ClassicMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse.Assignment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One heartbeat of a member that is here or joins (KIP-848): who it is, what has changed, what the target of all is now, and its own next step there.
 *
 * <p>Lives as long as the decision.
 */
final class ConsumerHeartbeat {
    /** A decision that the heartbeat cannot be served. */
    record Refusal(ErrorCode error, String message) {}

    private final ConsumerGroup group;
    private final ConsumerGroupHeartbeatRequest request;
    private final GroupConfiguration.Consumers rules;
    private final @Nullable ClassicMetadata classic;
    private final List<GroupRecord> records = new ArrayList<>();

    ConsumerHeartbeat(ConsumerGroup group, ConsumerGroupHeartbeatRequest request, GroupConfiguration.Consumers rules) {
        this(group, request, rules, null);
    }

    /** @param classic of a member that joins by the classic protocol; its join is as a heartbeat that says everything */
    ConsumerHeartbeat(
            ConsumerGroup group,
            ConsumerGroupHeartbeatRequest request,
            GroupConfiguration.Consumers rules,
            @Nullable ClassicMetadata classic) {
        this.group = group;
        this.request = request;
        this.rules = rules;
        this.classic = classic;
    }

    private boolean joins() {
        return request.memberEpoch() == ConsumerGroupHeartbeatRequest.JOIN;
    }

    /** Whether the sender is who it says it is and knows what it should. Changes nothing. */
    Optional<Refusal> check() {
        ConsumerGroupState state = group.state();
        String instanceId = request.instanceId();
        String holder = instanceId == null ? null : state.memberIdOfInstance(instanceId);
        if (holder != null && !holder.equals(request.memberId())) {
            return checkTakeover(Objects.requireNonNull(instanceId), holder);
        }
        if (!state.members().containsKey(request.memberId())) {
            return checkNew();
        }
        return joins() ? Optional.empty() : checkEpoch();
    }

    private Optional<Refusal> checkTakeover(String instanceId, String holder) {
        if (!joins()) {
            return refuse(
                    ErrorCode.FENCED_INSTANCE_ID,
                    "Instance " + instanceId + " is member " + holder + " by now, no longer " + request.memberId());
        }
        boolean isAway = group.state().current(holder).memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE;
        // Static members of the classic protocol never say that they leave.
        return isAway || group.isClassic(holder)
                ? Optional.empty()
                : refuse(
                        ErrorCode.UNRELEASED_INSTANCE_ID,
                        "Instance " + instanceId + " is in the group as member " + holder + "; " + request.memberId()
                                + " can only take its place when that one has left or its session has ended");
    }

    private Optional<Refusal> checkNew() {
        if (!joins()) {
            return refuse(
                    ErrorCode.UNKNOWN_MEMBER_ID,
                    "Group " + request.groupId() + " has no member " + request.memberId() + "; join with epoch 0");
        }
        return group.state().members().size() < rules.groupSizeMax()
                ? Optional.empty()
                : refuse(
                        ErrorCode.GROUP_MAX_SIZE_REACHED,
                        "Group " + request.groupId() + " has " + rules.groupSizeMax()
                                + " members already, which is group.consumer.max.size");
    }

    /** The epoch before is all right where the answer that brought the current one was lost. */
    private Optional<Refusal> checkEpoch() {
        MemberAssignment current = group.state().current(request.memberId());
        boolean answerWasLost = request.memberEpoch() == current.previousMemberEpoch()
                && request.memberEpoch() < current.memberEpoch()
                && request.topicPartitions() != null
                && current.assigned().containsAll(AssignedPartitions.of(request.topicPartitions()));
        return request.memberEpoch() == current.memberEpoch() || answerWasLost
                ? Optional.empty()
                : refuse(
                        ErrorCode.FENCED_MEMBER_EPOCH,
                        "Member " + request.memberId() + " is in epoch " + current.memberEpoch() + ", not "
                                + request.memberEpoch() + "; let go of all partitions and join with epoch 0");
    }

    private static Optional<Refusal> refuse(ErrorCode error, String message) {
        return Optional.of(new Refusal(error, message));
    }

    /** What the heartbeat comes to, after {@link #check}. */
    Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> decide(
            ClientIdentity client, TopicCatalog catalog, long nowMs) {
        String memberId = request.memberId();
        takePlaceOfFormerSelf();
        boolean topicsMayDiffer = group.subscriptions().see(catalog);
        boolean subscriptionDiffers = saveMember(client);
        if (subscriptionDiffers || (topicsMayDiffer && topicsDiffer())) {
            group.bumpEpoch(records);
        }
        if (group.state().epoch() > group.state().assignmentEpoch()) {
            group.saveTargets(assignor().assign(group.subscriptions().situation(group.state())), records);
        }
        MemberAssignment before = group.state().current(memberId);
        MemberAssignment after = reconcile(before);
        group.onSignOfLife(memberId, rules.sessionTimeoutMs(), nowMs);
        return new Outcome<>(records, answer(before, after));
    }

    private void takePlaceOfFormerSelf() {
        String instanceId = request.instanceId();
        String holder = instanceId == null ? null : group.state().memberIdOfInstance(instanceId);
        if (holder != null && !holder.equals(request.memberId())) {
            group.replace(holder, request.memberId(), records);
        }
    }

    private boolean topicsDiffer() {
        ConsumerGroupState state = group.state();
        return group.subscriptions().metadataHash(state.members().values()) != state.metadataHash();
    }

    /** Takes over what the member says about itself. Whether it wants something else than before. */
    private boolean saveMember(ClientIdentity client) {
        MemberMetadata before = group.state().members().get(request.memberId());
        MemberMetadata after = merged(before, client);
        if (after.equals(before)) {
            return false;
        }
        group.saveMember(request.memberId(), after, records);
        return before == null
                || !before.subscribedTopicNames().equals(after.subscribedTopicNames())
                || !Objects.equals(before.subscribedTopicRegex(), after.subscribedTopicRegex())
                || !Objects.equals(before.serverAssignor(), after.serverAssignor());
    }

    private MemberMetadata merged(@Nullable MemberMetadata before, ClientIdentity client) {
        List<String> names = request.subscribedTopicNames();
        List<String> namesBefore = before == null ? List.of() : before.subscribedTopicNames();
        return new MemberMetadata(
                or(request.instanceId(), before == null ? null : before.instanceId()),
                or(request.rackId(), before == null ? null : before.rackId()),
                client.clientId(),
                client.clientHost(),
                names == null ? namesBefore : List.copyOf(new TreeSet<>(names)),
                or(request.subscribedTopicRegex(), before == null ? null : before.subscribedTopicRegex()),
                request.rebalanceTimeoutMs() >= 0 || before == null
                        ? request.rebalanceTimeoutMs()
                        : before.rebalanceTimeoutMs(),
                or(request.serverAssignor(), before == null ? null : before.serverAssignor()),
                classic);
    }

    private static @Nullable String or(@Nullable String said, @Nullable String before) {
        return said == null ? before : said;
    }

    /** The one that most members want, or the default. */
    private TargetAssignor assignor() {
        return TargetAssignor.named(assignorName(group.state().members().values(), rules))
                .orElseGet(UniformAssignor::new);
    }

    static String assignorName(Collection<MemberMetadata> members, GroupConfiguration.Consumers rules) {
        Map<String, Integer> votes = new TreeMap<>();
        members.forEach(member -> {
            if (member.serverAssignor() != null) {
                votes.merge(member.serverAssignor(), 1, Integer::sum);
            }
        });
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(rules.assignors().get(0));
    }

    private MemberAssignment reconcile(MemberAssignment current) {
        String memberId = request.memberId();
        ConsumerGroupState state = group.state();
        boolean startsAnew = joins() && current.memberEpoch() != 0;
        MemberAssignment from = startsAnew ? MemberAssignment.NEW : current;
        AssignedPartitions owned =
                request.topicPartitions() == null ? null : AssignedPartitions.of(request.topicPartitions());
        MemberAssignment next = from.towards(
                state.target(memberId),
                state.assignmentEpoch(),
                owned,
                (topicId, partition) -> state.isFree(topicId, partition, memberId));
        if (!next.equals(current)) {
            group.saveCurrent(memberId, next, records);
        }
        return next;
    }

    private ConsumerGroupHeartbeatResponse answer(MemberAssignment before, MemberAssignment after) {
        boolean saysAll = request.rebalanceTimeoutMs() >= 0
                && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null)
                && request.topicPartitions() != null;
        boolean tells = joins()
                || saysAll
                || request.memberEpoch() != after.memberEpoch()
                || !before.assigned().equals(after.assigned());
        return new ConsumerGroupHeartbeatResponse(
                0,
                ErrorCode.NONE,
                null,
                request.memberId(),
                after.memberEpoch(),
                rules.heartbeatIntervalMs(),
                tells ? new Assignment(after.assigned().toWire()) : null);
    }
}
