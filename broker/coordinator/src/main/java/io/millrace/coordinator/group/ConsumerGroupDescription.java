package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerGroupRecord.MemberMetadata;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.Assignment;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.Member;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse.TopicPartitions;
import java.util.ArrayList;
import java.util.List;

/** A consumer group as operators see it: what is committed of it. */
final class ConsumerGroupDescription {
    private static final byte SPEAKS_CLASSIC_PROTOCOL = 0;
    private static final byte SPEAKS_CONSUMER_PROTOCOL = 1;

    private final ConsumerGroup group;
    private final TopicCatalog catalog;
    private final GroupConfiguration.Consumers rules;

    ConsumerGroupDescription(ConsumerGroup group, TopicCatalog catalog, GroupConfiguration.Consumers rules) {
        this.group = group;
        this.catalog = catalog;
        this.rules = rules;
    }

    ConsumerGroupDescribeResponse.Group describe() {
        ConsumerGroupState state = group.committedState();
        var members = new ArrayList<Member>();
        state.members().forEach((memberId, member) -> members.add(describe(state, memberId, member)));
        return new ConsumerGroupDescribeResponse.Group(
                ErrorCode.NONE,
                null,
                group.groupId(),
                group.stateName(),
                state.epoch(),
                state.assignmentEpoch(),
                ConsumerHeartbeat.assignorName(state.members().values(), rules),
                members,
                ConsumerGroupDescribeResponse.OPERATIONS_NOT_ASKED);
    }

    private Member describe(ConsumerGroupState state, String memberId, MemberMetadata member) {
        MemberAssignment current = state.current(memberId);
        return new Member(
                memberId,
                member.instanceId(),
                member.rackId(),
                current.memberEpoch(),
                member.clientId(),
                member.clientHost(),
                member.subscribedTopicNames(),
                member.subscribedTopicRegex(),
                new Assignment(withNames(current.assigned())),
                new Assignment(withNames(state.target(memberId))),
                member.isClassic() ? SPEAKS_CLASSIC_PROTOCOL : SPEAKS_CONSUMER_PROTOCOL);
    }

    /** Topics that are gone are left out. */
    private List<TopicPartitions> withNames(AssignedPartitions partitions) {
        var named = new ArrayList<TopicPartitions>();
        partitions.topics().forEach((topicId, numbers) -> catalog.topic(topicId)
                .ifPresent(topic -> named.add(new TopicPartitions(topicId, topic.name(), List.copyOf(numbers)))));
        return named;
    }
}
