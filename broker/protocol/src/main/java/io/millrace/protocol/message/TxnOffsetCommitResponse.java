package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/** What became of each offset to commit. */
public record TxnOffsetCommitResponse(int throttleTimeMs, List<Topic> topics) implements Response {
    public record Partition(int partitionIndex, ErrorCode errorCode) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error);
        }
    }

    public record Topic(String name, UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING.until(5))
                .field("topicId", UUID.since(6))
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<TxnOffsetCommitResponse> SCHEMA = Schema.of(TxnOffsetCommitResponse.class)
            .field("throttleTimeMs", INT32)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.TXN_OFFSET_COMMIT;
    }
}
