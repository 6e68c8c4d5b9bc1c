package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a member of a consumer group says (KIP-848): that it is here, what it wants, what it owns, that it leaves.
 *
 * @param memberEpoch {@link #JOIN}, {@link #LEAVE}, {@link #LEAVE_FOR_A_WHILE}, or the epoch that the coordinator gave
 * @param rebalanceTimeoutMs -1 where it has not changed; likewise null in what follows
 * @param topicPartitions what the member owns
 */
public record ConsumerGroupHeartbeatRequest(
        String groupId,
        String memberId,
        int memberEpoch,
        @Nullable String instanceId,
        @Nullable String rackId,
        int rebalanceTimeoutMs,
        @Nullable List<String> subscribedTopicNames,
        @Nullable String subscribedTopicRegex,
        @Nullable String serverAssignor,
        @Nullable List<TopicPartitions> topicPartitions)
        implements Request {
    public static final int JOIN = 0;
    public static final int LEAVE = -1;
    /** A static member stops and will be back. */
    public static final int LEAVE_FOR_A_WHILE = -2;

    public record TopicPartitions(UUID topicId, List<Integer> partitions) {
        public static final Schema<TopicPartitions> SCHEMA = Schema.of(TopicPartitions.class)
                .field("topicId", UUID)
                .field("partitions", listOf(INT32))
                .build();
    }

    public static final Schema<ConsumerGroupHeartbeatRequest> SCHEMA = Schema.of(ConsumerGroupHeartbeatRequest.class)
            .field("groupId", STRING)
            .field("memberId", STRING)
            .field("memberEpoch", INT32)
            .field("instanceId", NULLABLE_STRING)
            .field("rackId", NULLABLE_STRING)
            .field("rebalanceTimeoutMs", INT32)
            .field("subscribedTopicNames", nullableListOf(STRING))
            .field("subscribedTopicRegex", NULLABLE_STRING.since(1).required())
            .field("serverAssignor", NULLABLE_STRING)
            .field("topicPartitions", nullableListOf(TopicPartitions.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CONSUMER_GROUP_HEARTBEAT;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return ConsumerGroupHeartbeatResponse.error(error, null);
    }
}
