package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Whether each partition has the marker now. */
public record WriteTxnMarkersResponse(List<Marker> markers) implements Response {
    public record Partition(int partitionIndex, ErrorCode errorCode) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public record Marker(long producerId, List<Topic> topics) {
        static final Schema<Marker> SCHEMA = Schema.of(Marker.class)
                .field("producerId", INT64)
                .field("topics", listOf(Topic.SCHEMA))
                .build();
    }

    public static final Schema<WriteTxnMarkersResponse> SCHEMA = Schema.of(WriteTxnMarkersResponse.class)
            .field("markers", listOf(Marker.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.WRITE_TXN_MARKERS;
    }
}
