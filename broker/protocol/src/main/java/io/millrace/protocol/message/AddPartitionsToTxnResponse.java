package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** What became of each partition; in the same one of two shapes as the request. */
public record AddPartitionsToTxnResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        List<Transaction> resultsByTransaction,
        List<Topic> resultsByTopicV3AndBelow)
        implements Response {
    public record Partition(int partitionIndex, ErrorCode partitionErrorCode) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("partitionErrorCode", ERROR_CODE)
                .build();
    }

    public record Topic(String name, List<Partition> resultsByPartition) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("resultsByPartition", listOf(Partition.SCHEMA))
                .build();

        public static Topic error(AddPartitionsToTxnRequest.Topic topic, ErrorCode error) {
            return new Topic(
                    topic.name(),
                    topic.partitions().stream()
                            .map(partition -> new Partition(partition, error))
                            .toList());
        }
    }

    public record Transaction(String transactionalId, List<Topic> topicResults) {
        static final Schema<Transaction> SCHEMA = Schema.of(Transaction.class)
                .field("transactionalId", STRING)
                .field("topicResults", listOf(Topic.SCHEMA))
                .build();
    }

    public static final Schema<AddPartitionsToTxnResponse> SCHEMA = Schema.of(AddPartitionsToTxnResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE.since(4))
            .field("resultsByTransaction", listOf(Transaction.SCHEMA).since(4).required())
            .field("resultsByTopicV3AndBelow", listOf(Topic.SCHEMA).until(3).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ADD_PARTITIONS_TO_TXN;
    }
}
