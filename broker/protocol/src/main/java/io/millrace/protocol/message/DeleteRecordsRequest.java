package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks the leaders of some partitions to make all records below an offset unreadable (KIP-107). */
public record DeleteRecordsRequest(List<Topic> topics, int timeoutMs) implements Request {
    /** An offset that means the high watermark: all that is committed goes. */
    public static final long HIGH_WATERMARK = -1;

    public record Partition(int partitionIndex, long offset) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("offset", INT64)
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<DeleteRecordsRequest> SCHEMA = Schema.of(DeleteRecordsRequest.class)
            .field("topics", listOf(Topic.SCHEMA))
            .field("timeoutMs", INT32)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_RECORDS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new DeleteRecordsResponse.Topic(
                        topic.name(),
                        topic.partitions().stream()
                                .map(partition ->
                                        DeleteRecordsResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new DeleteRecordsResponse(0, failed);
    }
}
