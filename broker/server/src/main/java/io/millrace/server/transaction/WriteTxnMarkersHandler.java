package io.millrace.server.transaction;

import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import io.millrace.protocol.message.WriteTxnMarkersResponse;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import io.millrace.server.transaction.MarkerWriter.Marker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Writes the markers that coordinators send, and administrators who abort a transaction of which no coordinator knows. Answers when all are committed, or
 * have failed; errors are those of {@link MarkerWriter}.
 */
final class WriteTxnMarkersHandler implements RequestHandler<WriteTxnMarkersRequest> {
    private final MarkerWriter writer;

    WriteTxnMarkersHandler(MarkerWriter writer) {
        this.writer = writer;
    }

    @Override
    public CompletableFuture<WriteTxnMarkersResponse> handle(RequestContext context, WriteTxnMarkersRequest request) {
        var markers = request.markers().stream().map(this::write).toList();
        return CompletableFuture.allOf(markers.toArray(CompletableFuture[]::new))
                .thenApply(done -> new WriteTxnMarkersResponse(
                        markers.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<WriteTxnMarkersResponse.Marker> write(WriteTxnMarkersRequest.Marker asked) {
        var marker = new Marker(
                new ProducerIdAndEpoch(asked.producerId(), asked.producerEpoch()),
                asked.transactionResult(),
                asked.coordinatorEpoch(),
                asked.transactionVersion());
        Map<TransactionPartition, CompletableFuture<ErrorCode>> written = new HashMap<>();
        asked.topics().forEach(topic -> topic.partitionIndexes().forEach(index -> {
            var partition = new TransactionPartition(topic.name(), index);
            written.computeIfAbsent(partition, target -> writer.write(marker, target));
        }));
        return CompletableFuture.allOf(written.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> new WriteTxnMarkersResponse.Marker(asked.producerId(), answers(asked, written)));
    }

    private static List<WriteTxnMarkersResponse.Topic> answers(
            WriteTxnMarkersRequest.Marker asked, Map<TransactionPartition, CompletableFuture<ErrorCode>> written) {
        return asked.topics().stream()
                .map(topic -> new WriteTxnMarkersResponse.Topic(
                        topic.name(),
                        topic.partitionIndexes().stream()
                                .map(index -> new WriteTxnMarkersResponse.Partition(
                                        index,
                                        written.getOrDefault(
                                                        new TransactionPartition(topic.name(), index),
                                                        CompletableFuture.completedFuture(
                                                                ErrorCode.UNKNOWN_SERVER_ERROR))
                                                .join()))
                                .toList()))
                .toList();
    }
}
