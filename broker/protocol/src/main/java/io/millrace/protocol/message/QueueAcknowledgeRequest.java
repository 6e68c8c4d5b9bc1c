package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A consumer says what has become of records that it acquired, over this connection or another.
 *
 * <p>The acknowledgements of one partition take effect together or, where the consumer does not hold one of the records, not at all
 * (INVALID_RECORD_STATE). The answer comes once they are committed.
 *
 * @param subscription null for the built-in one of a queue
 */
public record QueueAcknowledgeRequest(UUID consumerId, @Nullable String subscription, List<Topic> topics)
        implements Request {
    public record Partition(int partitionIndex, List<AcknowledgementBatch> acknowledgements) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("acknowledgements", listOf(AcknowledgementBatch.SCHEMA))
                .build();
    }

    public record Topic(UUID topicId, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<QueueAcknowledgeRequest> SCHEMA = Schema.of(QueueAcknowledgeRequest.class)
            .field("consumerId", UUID)
            .field("subscription", NULLABLE_STRING)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_ACKNOWLEDGE;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topics.stream()
                .map(topic -> new QueueAcknowledgeResponse.Topic(
                        topic.topicId(),
                        topic.partitions().stream()
                                .map(partition ->
                                        QueueAcknowledgeResponse.Partition.error(partition.partitionIndex(), error))
                                .toList()))
                .toList();
        return new QueueAcknowledgeResponse(0, error, failed);
    }
}
