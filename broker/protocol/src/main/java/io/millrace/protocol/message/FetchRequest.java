package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks for records of many partitions at once, and waits for them up to {@code maxWaitMs}.
 *
 * <p>Topics go by name up to version 12 and by id from 13 on. A session epoch of -1 asks for no fetch session (KIP-227).
 */
public record FetchRequest(
        int replicaId,
        int maxWaitMs,
        int minBytes,
        int maxBytes,
        byte isolationLevel,
        int sessionId,
        int sessionEpoch,
        List<Topic> topics,
        List<ForgottenTopic> forgottenTopicsData,
        String rackId,
        @Nullable String clusterId,
        ReplicaState replicaState)
        implements Request {
    /** Which follower fetches, and in which of its lives. */
    public record ReplicaState(int replicaId, long replicaEpoch) {
        public static final ReplicaState CONSUMER = new ReplicaState(-1, -1);

        static final Schema<ReplicaState> SCHEMA = Schema.of(ReplicaState.class)
                .field("replicaId", INT32)
                .field("replicaEpoch", INT64)
                .build();
    }

    public record Partition(
            int partition,
            int currentLeaderEpoch,
            long fetchOffset,
            int lastFetchedEpoch,
            long logStartOffset,
            int partitionMaxBytes,
            UUID replicaDirectoryId,
            long highWatermark) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partition", INT32)
                .field("currentLeaderEpoch", INT32.since(9).orElse(-1))
                .field("fetchOffset", INT64)
                .field("lastFetchedEpoch", INT32.since(12).orElse(-1).required())
                .field("logStartOffset", INT64.since(5).orElse(-1L))
                .field("partitionMaxBytes", INT32)
                .field("replicaDirectoryId", UUID.since(17).tag(0))
                .field("highWatermark", INT64.since(18).tag(1).orElse(Long.MAX_VALUE))
                .build();
    }

    public record Topic(String topic, UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING.until(12))
                .field("topicId", UUID.since(13))
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public record ForgottenTopic(String topic, UUID topicId, List<Integer> partitions) {
        static final Schema<ForgottenTopic> SCHEMA = Schema.of(ForgottenTopic.class)
                .field("topic", STRING.until(12))
                .field("topicId", UUID.since(13))
                .field("partitions", listOf(INT32))
                .build();
    }

    public static final Schema<FetchRequest> SCHEMA = Schema.of(FetchRequest.class)
            .field("replicaId", INT32.until(14).orElse(-1).required())
            .field("maxWaitMs", INT32)
            .field("minBytes", INT32)
            .field("maxBytes", INT32)
            .field("isolationLevel", INT8)
            .field("sessionId", INT32.since(7))
            .field("sessionEpoch", INT32.since(7).orElse(-1))
            .field("topics", listOf(Topic.SCHEMA))
            .field("forgottenTopicsData", listOf(ForgottenTopic.SCHEMA).since(7).required())
            .field("rackId", STRING.since(11))
            .field("clusterId", NULLABLE_STRING.since(12).tag(0))
            .field(
                    "replicaState",
                    struct(ReplicaState.SCHEMA, ReplicaState.CONSUMER)
                            .since(15)
                            .tag(1)
                            .required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.FETCH;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new FetchResponse.Topic(
                        topic.topic(),
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(partition -> FetchResponse.Partition.error(partition.partition(), error))
                                .toList()))
                .toList();
        return new FetchResponse(0, error, 0, failed, List.of());
    }
}
