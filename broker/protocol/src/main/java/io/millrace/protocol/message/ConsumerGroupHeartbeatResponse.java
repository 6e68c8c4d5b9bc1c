package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a consumer group is to do (KIP-848).
 *
 * @param assignment null where it has not changed since the member was told
 */
public record ConsumerGroupHeartbeatResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        @Nullable String errorMessage,
        @Nullable String memberId,
        int memberEpoch,
        int heartbeatIntervalMs,
        @Nullable Assignment assignment)
        implements Response {
    public record Assignment(List<TopicPartitions> topicPartitions) {
        static final Schema<Assignment> SCHEMA = Schema.of(Assignment.class)
                .field("topicPartitions", listOf(TopicPartitions.SCHEMA))
                .build();
    }

    public static final Schema<ConsumerGroupHeartbeatResponse> SCHEMA = Schema.of(ConsumerGroupHeartbeatResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("errorMessage", NULLABLE_STRING)
            .field("memberId", NULLABLE_STRING)
            .field("memberEpoch", INT32)
            .field("heartbeatIntervalMs", INT32)
            .field("assignment", nullableStruct(Assignment.SCHEMA))
            .build();

    public static ConsumerGroupHeartbeatResponse error(ErrorCode error, @Nullable String message) {
        return new ConsumerGroupHeartbeatResponse(0, error, message, null, 0, 0, null);
    }

    @Override
    public ApiKey apiKey() {
        return ApiKey.CONSUMER_GROUP_HEARTBEAT;
    }
}
