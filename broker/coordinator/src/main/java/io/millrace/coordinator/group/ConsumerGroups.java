package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.ConsumerGroupRecord.EpochSaved;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The consumer groups (KIP-848) of one partition of {@code __consumer_offsets}, and the heartbeats of their members.
 *
 * <p>Owned by the loop of that partition.
 */
final class ConsumerGroups {
    private static final short VERSION_WITH_MEMBER_EPOCHS = 9;

    private final Map<String, ConsumerGroup> groups = new HashMap<>();
    private final ConsumerRules rules;
    private final Supplier<TopicCatalog> topics;
    private final Supplier<String> memberIds;
    private final GroupWakeups wakeups;

    ConsumerGroups(
            ConsumerRules rules, Supplier<TopicCatalog> topics, Supplier<String> memberIds, GroupWakeups wakeups) {
        this.rules = rules;
        this.topics = topics;
        this.memberIds = memberIds;
        this.wakeups = wakeups;
    }

    @Nullable
    ConsumerGroup group(String groupId) {
        return groups.get(groupId);
    }

    Collection<ConsumerGroup> all() {
        return Collections.unmodifiableCollection(groups.values());
    }

    int size() {
        return groups.size();
    }

    // What members say.

    /** Why a heartbeat cannot be looked at; empty where it can. */
    Optional<ConsumerGroupHeartbeatResponse> refuse(ConsumerGroupHeartbeatRequest request) {
        return ConsumerHeartbeatRules.fault(request)
                .map(refusal -> ConsumerGroupHeartbeatResponse.error(refusal.error(), refusal.message()));
    }

    /**
     * A member joins, says that it is here, or leaves.
     *
     * @param hasRoom whether there may be one more group
     */
    Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> heartbeat(
            ConsumerGroupHeartbeatRequest asked, ClientIdentity client, boolean hasRoom, long nowMs) {
        ConsumerGroupHeartbeatRequest request = asked.memberId().isEmpty() ? withMemberId(asked) : asked;
        ConsumerGroup group = groups.get(request.groupId());
        if (group == null) {
            if (request.memberEpoch() != ConsumerGroupHeartbeatRequest.JOIN) {
                return error(
                        ErrorCode.GROUP_ID_NOT_FOUND,
                        "There is no group " + request.groupId() + "; a member that joins has epoch 0");
            }
            if (!hasRoom) {
                return error(ErrorCode.COORDINATOR_NOT_AVAILABLE, "The coordinator has no room for another group.");
            }
            group = new ConsumerGroup(request.groupId());
            groups.put(request.groupId(), group);
        }
        var outcome = request.memberEpoch() < 0 ? leave(group, request) : stay(group, request, client, nowMs);
        forgetIfNew(group);
        // Those of the others are as they were; to look at them all with each heartbeat would be quadratic.
        wakeups.noLaterThan(group.deadlineMs(request.memberId()), request.groupId());
        return outcome;
    }

    private void forgetIfNew(ConsumerGroup group) {
        if (group.state().epoch() == 0) {
            groups.remove(group.groupId());
        }
    }

    /** Only clients of version 0 leave that to the coordinator. */
    private ConsumerGroupHeartbeatRequest withMemberId(ConsumerGroupHeartbeatRequest asked) {
        return new ConsumerGroupHeartbeatRequest(
                asked.groupId(),
                memberIds.get(),
                asked.memberEpoch(),
                asked.instanceId(),
                asked.rackId(),
                asked.rebalanceTimeoutMs(),
                asked.subscribedTopicNames(),
                asked.subscribedTopicRegex(),
                asked.serverAssignor(),
                asked.topicPartitions());
    }

    private Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> stay(
            ConsumerGroup group, ConsumerGroupHeartbeatRequest request, ClientIdentity client, long nowMs) {
        var heartbeat = new ConsumerHeartbeat(group, request, rules.of(group.groupId()));
        Optional<ConsumerHeartbeat.Refusal> refusal = heartbeat.check();
        return refusal.isPresent()
                ? error(refusal.get().error(), refusal.get().message())
                : heartbeat.decide(client, topics.get(), nowMs);
    }

    /** A static member that will be back keeps its place until its session ends. */
    private Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> leave(
            ConsumerGroup group, ConsumerGroupHeartbeatRequest request) {
        String instanceId = request.instanceId();
        String memberId = request.memberId();
        String holder = instanceId == null ? memberId : group.state().memberIdOfInstance(instanceId);
        if (holder == null || !group.state().members().containsKey(holder)) {
            return error(ErrorCode.UNKNOWN_MEMBER_ID, "Group " + request.groupId() + " has no member " + memberId);
        }
        if (!holder.equals(memberId)) {
            return error(
                    ErrorCode.FENCED_INSTANCE_ID,
                    "Instance " + instanceId + " is member " + holder + " by now, no longer " + memberId);
        }
        var records = new ArrayList<GroupRecord>();
        if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE) {
            group.saveCurrent(
                    memberId,
                    group.state().current(memberId).withEpoch(ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE),
                    records);
        } else {
            group.remove(memberId, records);
        }
        return new Outcome<>(
                records,
                new ConsumerGroupHeartbeatResponse(0, ErrorCode.NONE, null, memberId, request.memberEpoch(), 0, null));
    }

    private static Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> error(ErrorCode error, String message) {
        return Outcome.answer(ConsumerGroupHeartbeatResponse.error(error, message));
    }

    // Offsets and operators.

    /** Whether offsets may be committed for a group of this kind. Without an epoch: only where nobody is a member. */
    ErrorCode checkCommit(ConsumerGroup group, OffsetCommitRequest request, short apiVersion) {
        if (request.generationIdOrMemberEpoch() < 0 && group.isUnused()) {
            return ErrorCode.NONE;
        }
        ErrorCode error = group.check(request.memberId(), request.generationIdOrMemberEpoch());
        boolean knowsEpochs = apiVersion >= VERSION_WITH_MEMBER_EPOCHS
                || error == ErrorCode.UNKNOWN_MEMBER_ID
                || group.isClassic(request.memberId());
        return knowsEpochs ? error : ErrorCode.UNSUPPORTED_VERSION;
    }

    /** Whether offsets may be committed with a transaction. Producers know generations only, and some know no members. */
    ErrorCode checkCommit(ConsumerGroup group, TxnOffsetCommitRequest request) {
        if (request.generationIdOrMemberEpoch() < 0 && request.memberId().isEmpty()) {
            return ErrorCode.NONE;
        }
        ErrorCode error = group.check(request.memberId(), request.generationIdOrMemberEpoch());
        return error == ErrorCode.STALE_MEMBER_EPOCH ? ErrorCode.ILLEGAL_GENERATION : error;
    }

    /** Whether the sender may see the offsets: operators may, members in their own epoch. */
    ErrorCode checkFetch(OffsetFetchRequest.Group request) {
        ConsumerGroup group = groups.get(request.groupId());
        boolean isMember = request.memberId() != null && request.memberEpoch() >= 0;
        return group == null || !isMember ? ErrorCode.NONE : group.check(request.memberId(), request.memberEpoch());
    }

    ConsumerGroupDescribeResponse.Group describe(String groupId) {
        ConsumerGroup group = groups.get(groupId);
        return group == null
                ? ConsumerGroupDescribeResponse.Group.error(
                        groupId, ErrorCode.GROUP_ID_NOT_FOUND, "There is no consumer group " + groupId)
                : new ConsumerGroupDescription(group, topics.get(), rules.of(groupId)).describe();
    }

    /** Gives a group up, because it becomes one of another kind. The tombstones of it. */
    List<GroupRecord> giveUp(ConsumerGroup group) {
        groups.remove(group.groupId());
        return group.tombstonesOfAll();
    }

    /** Takes a group over that has been one of another kind. */
    void adopt(ConsumerGroup group) {
        groups.put(group.groupId(), group);
        wakeups.noLaterThan(group.nextDeadlineMs(), group.groupId());
    }

    /** The records before were about a group of another kind. */
    void forget(String groupId) {
        groups.remove(groupId);
    }

    // Time.

    List<GroupRecord> expire(String groupId, long nowMs) {
        ConsumerGroup group = groups.get(groupId);
        if (group == null) {
            return List.of();
        }
        List<GroupRecord> records = group.expire(nowMs);
        wakeups.noLaterThan(group.nextDeadlineMs(), groupId);
        return records;
    }

    // What survives.

    void replay(ConsumerGroupRecord logged) {
        if (isEnd(logged)) {
            groups.remove(logged.groupId());
        } else {
            groups.computeIfAbsent(logged.groupId(), ConsumerGroup::new).replay(logged);
        }
    }

    private static boolean isEnd(ConsumerGroupRecord change) {
        return change instanceof EpochSaved epoch && epoch.value() == null;
    }

    void onLoaded(long nowMs) {
        groups.values()
                .removeIf(group -> group.state().epoch() == 0); // tombstones of what is gone are all that is left
        groups.forEach((groupId, group) -> {
            group.onLoaded(rules.of(groupId).sessionTimeoutMs(), nowMs);
            wakeups.noLaterThan(group.nextDeadlineMs(), groupId);
        });
    }

    void commit(ConsumerGroupRecord change) {
        ConsumerGroup group = groups.get(change.groupId());
        if (group == null) {
            return;
        }
        group.onCommitted(change);
        if (isEnd(change) && group.isUnused()) {
            groups.remove(change.groupId());
        }
    }

    void onAppendFailed(List<GroupRecord> failed, long nowMs) {
        Map<String, List<GroupRecord>> ofGroups = new HashMap<>();
        failed.forEach(change -> {
            if (change instanceof ConsumerGroupRecord ofGroup) {
                ofGroups.computeIfAbsent(ofGroup.groupId(), id -> new ArrayList<>())
                        .add(change);
            }
        });
        ofGroups.forEach((groupId, changes) -> {
            ConsumerGroup group = groups.get(groupId);
            if (group != null) {
                group.onRefused(changes, rules.of(groupId).sessionTimeoutMs(), nowMs);
                wakeups.noLaterThan(group.nextDeadlineMs(), groupId);
                forgetIfNew(group);
            }
        });
    }
}
