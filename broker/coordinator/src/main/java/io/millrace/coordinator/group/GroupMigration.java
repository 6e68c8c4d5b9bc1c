package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerGroupRecord.ClassicMetadata;
import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns groups with members into those of the other kind (KIP-848). Members keep what they have; those of the classic protocol are then asked to
 * join again.
 *
 * <pre>
 *   classic --the first member of the newer protocol joins--> consumer group, with members of both protocols
 *      ^                                                                 |
 *      `--------the last member of the newer protocol is gone------------'
 * </pre>
 *
 * <p>Owned by the loop of its groups.
 */
final class GroupMigration {
    private final ClassicGroups classic;
    private final ConsumerGroups consumers;
    private final ConsumerRules rules;
    private final Supplier<TopicCatalog> topics;
    private final int classicSizeMax;

    /** @param classicSizeMax {@code group.max.size} */
    GroupMigration(
            ClassicGroups classic,
            ConsumerGroups consumers,
            ConsumerRules rules,
            Supplier<TopicCatalog> topics,
            int classicSizeMax) {
        this.classic = classic;
        this.consumers = consumers;
        this.rules = rules;
        this.topics = topics;
        this.classicSizeMax = classicSizeMax;
    }

    /**
     * Makes a classic group a consumer group, because a member of that protocol is about to join.
     *
     * @return the records; empty where the group must stay what it is, and nothing has changed
     */
    Optional<List<GroupRecord>> upgrade(ClassicGroup former, long nowMs) {
        if (former.members().isEmpty()) {
            return Optional.of(classic.giveUp(former));
        }
        GroupConfiguration.Consumers rule = rules.of(former.groupId());
        boolean mayChange = rule.migration().upgrades()
                && Group.CONSUMERS.equals(former.protocolType())
                && former.members().all().size() < rule.groupSizeMax();
        return mayChange ? upgraded(former, rule.sessionTimeoutMs(), nowMs) : Optional.empty();
    }

    private Optional<List<GroupRecord>> upgraded(ClassicGroup former, int sessionTimeoutMs, long nowMs) {
        TopicCatalog catalog = topics.get();
        Map<String, MemberMetadata> members = new HashMap<>();
        Map<String, AssignedPartitions> assigned = new HashMap<>();
        for (GroupMember member : former.members().all()) {
            Optional<MemberMetadata> said = metadata(member, former.protocolName());
            Optional<AssignedPartitions> has = ConsumerProtocol.assignment(member.assignment(), catalog);
            if (said.isEmpty() || has.isEmpty()) {
                return Optional.empty();
            }
            members.put(member.memberId(), said.get());
            assigned.put(member.memberId(), has.get());
        }
        List<GroupRecord> records = new ArrayList<>(classic.giveUp(former));
        former.members().all().forEach(member -> member.refuse(ErrorCode.REBALANCE_IN_PROGRESS));
        var group = new ConsumerGroup(former.groupId());
        group.subscriptions().see(catalog);
        members.forEach((memberId, member) -> group.saveMember(memberId, member, records));
        int epoch = Math.max(1, former.generationId());
        group.begin(epoch, records);
        group.saveTargets(assigned, records);
        assigned.forEach((memberId, partitions) -> group.saveCurrent(
                memberId,
                new MemberAssignment(epoch, epoch, MemberAssignment.State.STABLE, partitions, AssignedPartitions.NONE),
                records));
        group.onLoaded(sessionTimeoutMs, nowMs);
        consumers.adopt(group);
        return Optional.of(records);
    }

    private static Optional<MemberMetadata> metadata(GroupMember member, @Nullable String protocolName) {
        String spoken = protocolName != null && member.supports(protocolName)
                ? protocolName
                : member.protocols().get(0).name();
        return ConsumerProtocol.subscription(member.metadata(spoken))
                .map(subscription -> new MemberMetadata(
                        member.groupInstanceId(),
                        subscription.rackId(),
                        member.client().clientId(),
                        member.client().clientHost(),
                        List.copyOf(new TreeSet<>(subscription.topics())),
                        null,
                        member.rebalanceTimeoutMs(),
                        null,
                        new ClassicMetadata(member.sessionTimeoutMs(), member.protocols())));
    }

    /**
     * Makes a consumer group a classic one if nobody is left in it who speaks the newer protocol.
     *
     * @return the records; none where the group stays what it is, or is not there
     */
    List<GroupRecord> downgradeIfDue(String groupId, long nowMs) {
        ConsumerGroup former = consumers.group(groupId);
        return former != null && isDue(former) ? downgrade(former, nowMs) : List.of();
    }

    private boolean isDue(ConsumerGroup group) {
        return rules.of(group.groupId()).migration().downgrades()
                && group.state().members().size() <= classicSizeMax
                && group.isAllClassic();
    }

    private List<GroupRecord> downgrade(ConsumerGroup former, long nowMs) {
        ConsumerGroupState state = former.state();
        TopicCatalog catalog = topics.get();
        var members = new ArrayList<GroupMember>();
        int generation = 1;
        for (Map.Entry<String, MemberMetadata> each : state.members().entrySet()) {
            MemberAssignment current = state.current(each.getKey());
            ClassicMetadata spoken = Objects.requireNonNull(each.getValue().classicMemberMetadata());
            members.add(new GroupMember(
                    each.getKey(), each.getValue(), spoken, ConsumerProtocol.assignment(current.assigned(), catalog)));
            generation = Math.max(generation, current.memberEpoch());
        }
        List<GroupRecord> records = new ArrayList<>(consumers.giveUp(former));
        var group = new ClassicGroup(former.groupId());
        group.begin(generation, members, nowMs);
        classic.adopt(group);
        records.add(group.toRecord(nowMs));
        return records;
    }
}
