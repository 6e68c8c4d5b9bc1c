package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores how far a consumer group has read. Topics go by id from version 10 on. */
public record OffsetCommitRequest(
        String groupId,
        int generationIdOrMemberEpoch,
        String memberId,
        @Nullable String groupInstanceId,
        long retentionTimeMs,
        List<Topic> topics)
        implements Request {
    public record Partition(
            int partitionIndex, long committedOffset, int committedLeaderEpoch, @Nullable String committedMetadata) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("committedOffset", INT64)
                .field("committedLeaderEpoch", INT32.since(6).orElse(-1))
                .field("committedMetadata", NULLABLE_STRING)
                .build();
    }

    public record Topic(String name, UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING.until(9))
                .field("topicId", UUID.since(10))
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<OffsetCommitRequest> SCHEMA = Schema.of(OffsetCommitRequest.class)
            .field("groupId", STRING)
            .field("generationIdOrMemberEpoch", INT32)
            .field("memberId", STRING)
            .field("groupInstanceId", NULLABLE_STRING.since(7).required())
            .field("retentionTimeMs", INT64.until(4).orElse(-1L))
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_COMMIT;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new OffsetCommitResponse.Topic(
                        topic.name(),
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(partition ->
                                        OffsetCommitResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new OffsetCommitResponse(0, failed);
    }
}
