package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks for the offset of a point in time, or of an end of the log, in some partitions. */
public record ListOffsetsRequest(int replicaId, byte isolationLevel, List<Topic> topics, int timeoutMs)
        implements Request {
    /** A timestamp that asks for the end of the log. */
    public static final long LATEST = -1;

    /** A timestamp that asks for the start of the log. */
    public static final long EARLIEST = -2;

    /** A timestamp that asks for the record with the greatest timestamp (KIP-734, from version 7 on). */
    public static final long MAX_TIMESTAMP = -3;

    public record Partition(int partitionIndex, int currentLeaderEpoch, long timestamp) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("currentLeaderEpoch", INT32.since(4).orElse(-1))
                .field("timestamp", INT64)
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ListOffsetsRequest> SCHEMA = Schema.of(ListOffsetsRequest.class)
            .field("replicaId", INT32)
            .field("isolationLevel", INT8.since(2).required())
            .field("topics", listOf(Topic.SCHEMA))
            .field("timeoutMs", INT32.since(10))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_OFFSETS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new ListOffsetsResponse.Topic(
                        topic.name(),
                        topic.partitions().stream()
                                .map(partition ->
                                        ListOffsetsResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new ListOffsetsResponse(0, failed);
    }
}
