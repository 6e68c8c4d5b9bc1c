package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Tells the leaders of partitions how transactions ended; between brokers, and from administrators who abort what hangs. */
public record WriteTxnMarkersRequest(List<Marker> markers) implements Request {
    public record Topic(String name, List<Integer> partitionIndexes) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitionIndexes", listOf(INT32))
                .build();
    }

    /**
     * The end of one transaction.
     *
     * @param transactionResult whether it was committed
     * @param coordinatorEpoch of the coordinator that decided, so that a former one is not believed
     * @param transactionVersion 2 where each transaction has an epoch of its own (KIP-890)
     */
    public record Marker(
            long producerId,
            short producerEpoch,
            boolean transactionResult,
            List<Topic> topics,
            int coordinatorEpoch,
            byte transactionVersion) {
        static final Schema<Marker> SCHEMA = Schema.of(Marker.class)
                .field("producerId", INT64)
                .field("producerEpoch", INT16)
                .field("transactionResult", BOOL)
                .field("topics", listOf(Topic.SCHEMA))
                .field("coordinatorEpoch", INT32)
                .field("transactionVersion", INT8.since(2))
                .build();
    }

    public static final Schema<WriteTxnMarkersRequest> SCHEMA = Schema.of(WriteTxnMarkersRequest.class)
            .field("markers", listOf(Marker.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.WRITE_TXN_MARKERS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new WriteTxnMarkersResponse(markers.stream()
                .map(marker -> new WriteTxnMarkersResponse.Marker(
                        marker.producerId(),
                        marker.topics().stream()
                                .map(topic -> new WriteTxnMarkersResponse.Topic(
                                        topic.name(),
                                        topic.partitionIndexes().stream()
                                                .map(index -> new WriteTxnMarkersResponse.Partition(index, error))
                                                .toList()))
                                .toList()))
                .toList());
    }
}
