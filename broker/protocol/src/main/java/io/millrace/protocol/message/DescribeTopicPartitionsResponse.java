package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A page of topics and their partitions.
 *
 * @param nextCursor where the next page begins; null after the last
 */
public record DescribeTopicPartitionsResponse(int throttleTimeMs, List<Topic> topics, @Nullable Cursor nextCursor)
        implements Response {
    public record Cursor(String topicName, int partitionIndex) {
        static final Schema<Cursor> SCHEMA = Schema.of(Cursor.class)
                .field("topicName", STRING)
                .field("partitionIndex", INT32)
                .build();
    }

    public record Partition(
            ErrorCode errorCode,
            int partitionIndex,
            int leaderId,
            int leaderEpoch,
            List<Integer> replicaNodes,
            List<Integer> isrNodes,
            @Nullable List<Integer> eligibleLeaderReplicas,
            @Nullable List<Integer> lastKnownElr,
            List<Integer> offlineReplicas) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("errorCode", ERROR_CODE)
                .field("partitionIndex", INT32)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32.orElse(-1))
                .field("replicaNodes", listOf(INT32))
                .field("isrNodes", listOf(INT32))
                .field("eligibleLeaderReplicas", nullableListOf(INT32))
                .field("lastKnownElr", nullableListOf(INT32))
                .field("offlineReplicas", listOf(INT32))
                .build();
    }

    /** One topic, or a part of it. */
    public record Topic(
            ErrorCode errorCode,
            @Nullable String name,
            UUID topicId,
            boolean isInternal,
            List<Partition> partitions,
            int topicAuthorizedOperations) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("errorCode", ERROR_CODE)
                .field("name", NULLABLE_STRING)
                .field("topicId", UUID)
                .field("isInternal", BOOL)
                .field("partitions", listOf(Partition.SCHEMA))
                .field("topicAuthorizedOperations", INT32.orElse(Integer.MIN_VALUE))
                .build();

        public static Topic error(String name, ErrorCode error) {
            return new Topic(error, name, new UUID(0, 0), false, List.of(), Integer.MIN_VALUE);
        }
    }

    public static final Schema<DescribeTopicPartitionsResponse> SCHEMA = Schema.of(
                    DescribeTopicPartitionsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .field("nextCursor", nullableStruct(Cursor.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_TOPIC_PARTITIONS;
    }
}
