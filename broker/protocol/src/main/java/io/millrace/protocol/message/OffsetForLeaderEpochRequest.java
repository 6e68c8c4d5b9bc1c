package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks where leader epochs end, so that a client finds out whether its log, or what it read, still is the leader's (KIP-320). */
public record OffsetForLeaderEpochRequest(int replicaId, List<Topic> topics) implements Request {
    public record Partition(int partition, int currentLeaderEpoch, int leaderEpoch) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partition", INT32)
                .field("currentLeaderEpoch", INT32.orElse(-1))
                .field("leaderEpoch", INT32)
                .build();
    }

    public record Topic(String topic, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<OffsetForLeaderEpochRequest> SCHEMA = Schema.of(OffsetForLeaderEpochRequest.class)
            .field("replicaId", INT32.since(3).orElse(-2))
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var refused = topics.stream()
                .map(topic -> new OffsetForLeaderEpochResponse.Topic(
                        topic.topic(),
                        topic.partitions().stream()
                                .map(asked -> OffsetForLeaderEpochResponse.Partition.error(asked.partition(), error))
                                .toList()))
                .toList();
        return new OffsetForLeaderEpochResponse(0, refused);
    }
}
