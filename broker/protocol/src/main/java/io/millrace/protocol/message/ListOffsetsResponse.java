package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** The offsets found; -1 where nothing was. */
public record ListOffsetsResponse(int throttleTimeMs, List<Topic> topics) implements Response {
    public record Partition(int partitionIndex, ErrorCode errorCode, long timestamp, long offset, int leaderEpoch) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("timestamp", INT64)
                .field("offset", INT64)
                .field("leaderEpoch", INT32.since(4).orElse(-1))
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error, -1, -1, -1);
        }
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ListOffsetsResponse> SCHEMA = Schema.of(ListOffsetsResponse.class)
            .field("throttleTimeMs", INT32.since(2))
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_OFFSETS;
    }
}
