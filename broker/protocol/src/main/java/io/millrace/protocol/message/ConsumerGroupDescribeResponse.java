package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** State and members of consumer groups (KIP-848). */
public record ConsumerGroupDescribeResponse(int throttleTimeMs, List<Group> groups) implements Response {
    /** The operations that the client may do, where it did not ask. */
    public static final int OPERATIONS_NOT_ASKED = Integer.MIN_VALUE;

    public record TopicPartitions(UUID topicId, String topicName, List<Integer> partitions) {
        static final Schema<TopicPartitions> SCHEMA = Schema.of(TopicPartitions.class)
                .field("topicId", UUID)
                .field("topicName", STRING)
                .field("partitions", listOf(INT32))
                .build();
    }

    public record Assignment(List<TopicPartitions> topicPartitions) {
        static final Schema<Assignment> SCHEMA = Schema.of(Assignment.class)
                .field("topicPartitions", listOf(TopicPartitions.SCHEMA))
                .build();

        static final Assignment NONE = new Assignment(List.of());
    }

    /** @param memberType -1 unknown, 0 a member that speaks the classic protocol, 1 one that speaks KIP-848's */
    public record Member(
            String memberId,
            @Nullable String instanceId,
            @Nullable String rackId,
            int memberEpoch,
            String clientId,
            String clientHost,
            List<String> subscribedTopicNames,
            @Nullable String subscribedTopicRegex,
            Assignment assignment,
            Assignment targetAssignment,
            byte memberType) {
        static final Schema<Member> SCHEMA = Schema.of(Member.class)
                .field("memberId", STRING)
                .field("instanceId", NULLABLE_STRING)
                .field("rackId", NULLABLE_STRING)
                .field("memberEpoch", INT32)
                .field("clientId", STRING)
                .field("clientHost", STRING)
                .field("subscribedTopicNames", listOf(STRING))
                .field("subscribedTopicRegex", NULLABLE_STRING)
                .field("assignment", struct(Assignment.SCHEMA, Assignment.NONE))
                .field("targetAssignment", struct(Assignment.SCHEMA, Assignment.NONE))
                .field("memberType", INT8.since(1).orElse((byte) -1))
                .build();
    }

    public record Group(
            ErrorCode errorCode,
            @Nullable String errorMessage,
            String groupId,
            String groupState,
            int groupEpoch,
            int assignmentEpoch,
            String assignorName,
            List<Member> members,
            int authorizedOperations) {
        static final Schema<Group> SCHEMA = Schema.of(Group.class)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .field("groupId", STRING)
                .field("groupState", STRING)
                .field("groupEpoch", INT32)
                .field("assignmentEpoch", INT32)
                .field("assignorName", STRING)
                .field("members", listOf(Member.SCHEMA))
                .field("authorizedOperations", INT32)
                .build();

        public static Group error(String groupId, ErrorCode error, @Nullable String message) {
            return new Group(error, message, groupId, "", 0, 0, "", List.of(), OPERATIONS_NOT_ASKED);
        }
    }

    public static final Schema<ConsumerGroupDescribeResponse> SCHEMA = Schema.of(ConsumerGroupDescribeResponse.class)
            .field("throttleTimeMs", INT32)
            .field("groups", listOf(Group.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CONSUMER_GROUP_DESCRIBE;
    }
}
