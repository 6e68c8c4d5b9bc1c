package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Appends one record batch to each of some partitions. The records stay slices of the received frame.
 *
 * <p>Topics go by name up to version 12 and by id from 13 on. With {@code acks} 0 no response is sent.
 */
public record ProduceRequest(@Nullable String transactionalId, short acks, int timeoutMs, List<Topic> topicData)
        implements Request {
    public record Partition(int index, @Nullable Records records) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("index", INT32)
                .field("records", RECORDS)
                .build();
    }

    public record Topic(String name, UUID topicId, List<Partition> partitionData) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING.until(12))
                .field("topicId", UUID.since(13))
                .field("partitionData", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<ProduceRequest> SCHEMA = Schema.of(ProduceRequest.class)
            .field("transactionalId", NULLABLE_STRING)
            .field("acks", INT16)
            .field("timeoutMs", INT32)
            .field("topicData", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.PRODUCE;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var failed = topicData.stream()
                .map(topic -> new ProduceResponse.Topic(
                        topic.name(),
                        topic.topicId(),
                        topic.partitionData().stream()
                                .map(partition -> ProduceResponse.Partition.error(partition.index(), error))
                                .toList()))
                .toList();
        return new ProduceResponse(failed, 0, List.of());
    }

    @Override
    public void releaseRecords() {
        for (Topic topic : topicData) {
            for (Partition partition : topic.partitionData()) {
                if (partition.records() != null) {
                    partition.records().release();
                }
            }
        }
    }
}
