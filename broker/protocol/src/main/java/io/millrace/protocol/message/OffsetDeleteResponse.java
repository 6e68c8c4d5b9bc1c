package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Which offsets are forgotten. */
public record OffsetDeleteResponse(ErrorCode errorCode, int throttleTimeMs, List<Topic> topics) implements Response {
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

    public static final Schema<OffsetDeleteResponse> SCHEMA = Schema.of(OffsetDeleteResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_DELETE;
    }
}
