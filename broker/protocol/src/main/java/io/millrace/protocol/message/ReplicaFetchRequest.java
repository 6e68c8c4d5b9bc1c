package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/**
 * A follower fetches the logs of partitions from their leader: the data and the cursors together.
 *
 * @param sessionId 0 opens a session, in which later requests name only what has changed
 * @param sessionEpoch 0 opens a session, then it counts the requests
 * @param forgotten partitions that are no longer followed in this session
 */
public record ReplicaFetchRequest(
        int brokerId,
        long brokerEpoch,
        int sessionId,
        int sessionEpoch,
        int maxWaitMs,
        int maxBytes,
        List<Topic> topics,
        List<Forgotten> forgotten)
        implements Request {
    /**
     * Where the follower stands in one of a partition's logs.
     *
     * @param kind {@link #DATA} or {@link #CURSOR}
     */
    public record Log(byte kind, long fetchOffset, int lastFetchedEpoch, long logStartOffset, int maxBytes) {
        public static final byte DATA = 0;
        public static final byte CURSOR = 1;

        static final Schema<Log> SCHEMA = Schema.of(Log.class)
                .field("kind", INT8)
                .field("fetchOffset", INT64)
                .field("lastFetchedEpoch", INT32)
                .field("logStartOffset", INT64)
                .field("maxBytes", INT32)
                .build();
    }

    public record Partition(int partitionIndex, int currentLeaderEpoch, List<Log> logs) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("currentLeaderEpoch", INT32)
                .field("logs", listOf(Log.SCHEMA))
                .build();
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public record Forgotten(UUID topicId, List<Integer> partitions) {
        static final Schema<Forgotten> SCHEMA = Schema.of(Forgotten.class)
                .field("topicId", UUID)
                .field("partitions", listOf(INT32))
                .build();
    }

    public static final Schema<ReplicaFetchRequest> SCHEMA = Schema.of(ReplicaFetchRequest.class)
            .field("brokerId", INT32)
            .field("brokerEpoch", INT64)
            .field("sessionId", INT32)
            .field("sessionEpoch", INT32)
            .field("maxWaitMs", INT32)
            .field("maxBytes", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .field("forgotten", listOf(Forgotten.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.REPLICA_FETCH;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new ReplicaFetchResponse.Topic(
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(partition ->
                                        ReplicaFetchResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new ReplicaFetchResponse(0, error, 0, failed);
    }
}
