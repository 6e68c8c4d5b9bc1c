package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** From where on records are left on every in-sync replica, or why not. */
public record DeleteRecordsResponse(int throttleTimeMs, List<Topic> topics) implements Response {
    /** In the place of a low watermark that is not known. */
    public static final long UNKNOWN = -1;

    public record Partition(int partitionIndex, long lowWatermark, ErrorCode errorCode) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("lowWatermark", INT64)
                .field("errorCode", ERROR_CODE)
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, UNKNOWN, error);
        }
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<DeleteRecordsResponse> SCHEMA = Schema.of(DeleteRecordsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_RECORDS;
    }
}
