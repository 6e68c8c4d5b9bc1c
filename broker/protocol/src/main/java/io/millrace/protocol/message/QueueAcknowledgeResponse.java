package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/** What became of the acknowledgements of each partition. */
public record QueueAcknowledgeResponse(int throttleTimeMs, ErrorCode errorCode, List<Topic> topics)
        implements Response {
    public record Partition(int partitionIndex, ErrorCode errorCode, int leaderId, int leaderEpoch) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("errorCode", ERROR_CODE)
                .field("leaderId", INT32)
                .field("leaderEpoch", INT32)
                .build();

        public static Partition error(int partitionIndex, ErrorCode error) {
            return new Partition(partitionIndex, error, -1, -1);
        }
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<QueueAcknowledgeResponse> SCHEMA = Schema.of(QueueAcknowledgeResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_ACKNOWLEDGE;
    }
}
