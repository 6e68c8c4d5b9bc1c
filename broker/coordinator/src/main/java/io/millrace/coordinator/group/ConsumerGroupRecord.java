package io.millrace.coordinator.group;

import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.INT64;
import static io.millrace.protocol.wire.Type.INT8;
import static io.millrace.protocol.wire.Type.NULLABLE_STRING;
import static io.millrace.protocol.wire.Type.STRING;
import static io.millrace.protocol.wire.Type.listOf;
import static io.millrace.protocol.wire.Type.nullableStruct;

import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record of a consumer group (KIP-848) in {@code __consumer_offsets}, in the layouts of Apache Kafka. No value: the thing is gone. */
sealed interface ConsumerGroupRecord extends GroupRecord {

    String groupId();

    /** Key of version 3: the group itself. */
    record EpochSaved(GroupKey key, @Nullable Epoch value) implements ConsumerGroupRecord {
        @Override
        public String groupId() {
            return key.group();
        }
    }

    /** Key of version 5: what a member says of itself. */
    record MemberSaved(MemberKey key, @Nullable MemberMetadata value) implements ConsumerGroupRecord {
        @Override
        public String groupId() {
            return key.groupId();
        }
    }

    /** Key of version 6: to which epoch the targets belong. */
    record TargetEpochSaved(GroupKey key, @Nullable TargetEpoch value) implements ConsumerGroupRecord {
        @Override
        public String groupId() {
            return key.group();
        }
    }

    /** Key of version 7: what a member is to have. */
    record TargetSaved(MemberKey key, @Nullable Target value) implements ConsumerGroupRecord {
        @Override
        public String groupId() {
            return key.groupId();
        }
    }

    /** Key of version 8: what a member has. */
    record CurrentSaved(MemberKey key, @Nullable CurrentAssignment value) implements ConsumerGroupRecord {
        @Override
        public String groupId() {
            return key.groupId();
        }
    }

    record MemberKey(String groupId, String memberId) {
        static final Schema<MemberKey> SCHEMA = Schema.of(MemberKey.class)
                .field("groupId", STRING)
                .field("memberId", STRING)
                .build();
    }

    /** @param metadataHash of the topics that the group reads; ours, so that a new coordinator sees whether they have changed */
    record Epoch(int epoch, long metadataHash) {
        static final Schema<Epoch> SCHEMA = Schema.of(Epoch.class)
                .field("epoch", INT32)
                .field("metadataHash", INT64.tag(0))
                .build();
    }

    /**
     * What a member that speaks the classic protocol says beside.
     *
     * @param supportedProtocols the assignors that it has, and what it says to each of them
     */
    record ClassicMetadata(int sessionTimeoutMs, List<JoinGroupRequest.Protocol> supportedProtocols) {
        static final Schema<ClassicMetadata> SCHEMA = Schema.of(ClassicMetadata.class)
                .field("sessionTimeoutMs", INT32)
                .field("supportedProtocols", listOf(JoinGroupRequest.Protocol.SCHEMA))
                .build();

        boolean supports(String protocolName) {
            return supportedProtocols.stream()
                    .anyMatch(protocol -> protocol.name().equals(protocolName));
        }
    }

    /** @param classicMemberMetadata of a member that speaks the classic protocol; null of any other */
    record MemberMetadata(
            @Nullable String instanceId,
            @Nullable String rackId,
            String clientId,
            String clientHost,
            List<String> subscribedTopicNames,
            @Nullable String subscribedTopicRegex,
            int rebalanceTimeoutMs,
            @Nullable String serverAssignor,
            @Nullable ClassicMetadata classicMemberMetadata) {
        static final Schema<MemberMetadata> SCHEMA = Schema.of(MemberMetadata.class)
                .field("instanceId", NULLABLE_STRING)
                .field("rackId", NULLABLE_STRING)
                .field("clientId", STRING)
                .field("clientHost", STRING)
                .field("subscribedTopicNames", listOf(STRING))
                .field("subscribedTopicRegex", NULLABLE_STRING)
                .field("rebalanceTimeoutMs", INT32)
                .field("serverAssignor", NULLABLE_STRING)
                .field(
                        "classicMemberMetadata",
                        nullableStruct(ClassicMetadata.SCHEMA).tag(0))
                .build();

        boolean isClassic() {
            return classicMemberMetadata != null;
        }
    }

    record TargetEpoch(int assignmentEpoch) {
        static final Schema<TargetEpoch> SCHEMA =
                Schema.of(TargetEpoch.class).field("assignmentEpoch", INT32).build();
    }

    record Target(List<TopicPartitions> topicPartitions) {
        static final Schema<Target> SCHEMA = Schema.of(Target.class)
                .field("topicPartitions", listOf(TopicPartitions.SCHEMA))
                .build();
    }

    record CurrentAssignment(
            int memberEpoch,
            int previousMemberEpoch,
            byte state,
            List<TopicPartitions> assignedPartitions,
            List<TopicPartitions> partitionsPendingRevocation) {
        static final Schema<CurrentAssignment> SCHEMA = Schema.of(CurrentAssignment.class)
                .field("memberEpoch", INT32)
                .field("previousMemberEpoch", INT32)
                .field("state", INT8)
                .field("assignedPartitions", listOf(TopicPartitions.SCHEMA))
                .field("partitionsPendingRevocation", listOf(TopicPartitions.SCHEMA))
                .build();
    }
}
