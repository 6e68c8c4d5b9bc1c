package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores how far a group has read, as part of a transaction. Topics go by id from version 6 on. */
public record TxnOffsetCommitRequest(
        String transactionalId,
        String groupId,
        long producerId,
        short producerEpoch,
        int generationIdOrMemberEpoch,
        String memberId,
        @Nullable String groupInstanceId,
        List<Topic> topics)
        implements Request {
    public record Partition(
            int partitionIndex, long committedOffset, int committedLeaderEpoch, @Nullable String committedMetadata) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("committedOffset", INT64)
                .field("committedLeaderEpoch", INT32.since(2).orElse(-1))
                .field("committedMetadata", NULLABLE_STRING)
                .build();
    }

    public record Topic(String name, UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING.until(5))
                .field("topicId", UUID.since(6))
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<TxnOffsetCommitRequest> SCHEMA = Schema.of(TxnOffsetCommitRequest.class)
            .field("transactionalId", STRING)
            .field("groupId", STRING)
            .field("producerId", INT64)
            .field("producerEpoch", INT16)
            .field("generationIdOrMemberEpoch", INT32.since(3).orElse(-1).required())
            .field("memberId", STRING.since(3).required())
            .field("groupInstanceId", NULLABLE_STRING.since(3).required())
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.TXN_OFFSET_COMMIT;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new TxnOffsetCommitResponse.Topic(
                        topic.name(),
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(partition ->
                                        TxnOffsetCommitResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new TxnOffsetCommitResponse(0, failed);
    }
}
