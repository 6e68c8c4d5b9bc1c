package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How far consumer groups have read; in the same one of two shapes as the request. */
public record OffsetFetchResponse(int throttleTimeMs, List<Topic> topics, ErrorCode errorCode, List<Group> groups)
        implements Response {
    public record Partition(
            int partitionIndex,
            long committedOffset,
            int committedLeaderEpoch,
            @Nullable String metadata,
            ErrorCode errorCode) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("committedOffset", INT64)
                .field("committedLeaderEpoch", INT32.since(5).orElse(-1))
                .field("metadata", NULLABLE_STRING)
                .field("errorCode", ERROR_CODE)
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, -1, -1, "", error);
        }
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public record GroupPartition(
            int partitionIndex,
            long committedOffset,
            int committedLeaderEpoch,
            @Nullable String metadata,
            ErrorCode errorCode) {
        static final Schema<GroupPartition> SCHEMA = Schema.of(GroupPartition.class)
                .field("partitionIndex", INT32)
                .field("committedOffset", INT64)
                .field("committedLeaderEpoch", INT32)
                .field("metadata", NULLABLE_STRING)
                .field("errorCode", ERROR_CODE)
                .build();

        public static GroupPartition error(int partitionIndex, ErrorCode error) {
            return new GroupPartition(partitionIndex, -1, -1, "", error);
        }
    }

    public record GroupTopic(String name, UUID topicId, List<GroupPartition> partitions) {
        static final Schema<GroupTopic> SCHEMA = Schema.of(GroupTopic.class)
                .field("name", STRING.until(9))
                .field("topicId", UUID.since(10))
                .field("partitions", listOf(GroupPartition.SCHEMA))
                .build();
    }

    /** One group of version 8 on. */
    public record Group(String groupId, List<GroupTopic> topics, ErrorCode errorCode) {
        static final Schema<Group> SCHEMA = Schema.of(Group.class)
                .field("groupId", STRING)
                .field("topics", listOf(GroupTopic.SCHEMA))
                .field("errorCode", ERROR_CODE)
                .build();
    }

    public static final Schema<OffsetFetchResponse> SCHEMA = Schema.of(OffsetFetchResponse.class)
            .field("throttleTimeMs", INT32.since(3))
            .field("topics", listOf(Topic.SCHEMA).until(7).required())
            .field("errorCode", ERROR_CODE.since(2).until(7))
            .field("groups", listOf(Group.SCHEMA).since(8).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_FETCH;
    }
}
