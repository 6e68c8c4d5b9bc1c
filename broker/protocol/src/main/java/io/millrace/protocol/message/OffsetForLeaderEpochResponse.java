package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Where leader epochs end. */
public record OffsetForLeaderEpochResponse(int throttleTimeMs, List<Topic> topics) implements Response {
    /**
     * @param leaderEpoch the greatest up to the one asked for; -1 where there is none
     */
    public record Partition(ErrorCode errorCode, int partition, int leaderEpoch, long endOffset) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("errorCode", ERROR_CODE)
                .field("partition", INT32)
                .field("leaderEpoch", INT32.orElse(-1))
                .field("endOffset", INT64.orElse(-1L))
                .build();

        public static Partition error(int partition, ErrorCode error) {
            return new Partition(error, partition, -1, -1);
        }
    }

    public record Topic(String topic, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<OffsetForLeaderEpochResponse> SCHEMA = Schema.of(OffsetForLeaderEpochResponse.class)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_FOR_LEADER_EPOCH;
    }
}
