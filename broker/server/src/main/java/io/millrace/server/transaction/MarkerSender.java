package io.millrace.server.transaction;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.coordinator.transaction.MarkersDue;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.WriteTxnMarkersRequest;
import io.millrace.protocol.message.WriteTxnMarkersResponse;
import io.millrace.server.replica.BrokerConnections;
import io.millrace.server.request.ClusterView;
import io.millrace.server.transaction.MarkerWriter.Marker;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes the markers of ended transactions to the leaders of their partitions. Thread-safe.
 *
 * <p>A partition that is gone needs no marker. Where a later epoch of the producer was written, the transaction has ended otherwise, and its marker is
 * not missed either. All else is for the coordinator to try again.
 */
final class MarkerSender {
    private static final System.Logger LOGGER = System.getLogger(MarkerSender.class.getName());

    /** Learns which partitions need no more, and which have to be tried again. On any thread, several times for one transaction. */
    @FunctionalInterface
    interface Results {
        void on(Collection<TransactionPartition> written, Collection<TransactionPartition> failed);
    }

    private final int brokerId;
    private final ClusterView cluster;
    private final BrokerConnections connections;
    private final MarkerWriter writer;

    MarkerSender(int brokerId, ClusterView cluster, BrokerConnections connections, MarkerWriter writer) {
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.connections = connections;
        this.writer = writer;
    }

    void send(MarkersDue due, int coordinatorEpoch, Results results) {
        var marker = new Marker(due.producer(), due.committed(), coordinatorEpoch, due.clientVersion());
        ClusterImage image = cluster.image();
        Map<Integer, List<TransactionPartition>> byLeader = new HashMap<>();
        var gone = new ArrayList<TransactionPartition>();
        var leaderless = new ArrayList<TransactionPartition>();
        for (TransactionPartition partition : due.partitions()) {
            Optional<PartitionState> state = state(image, partition);
            if (state.isEmpty()) {
                gone.add(partition);
            } else if (state.get().hasLeader()) {
                byLeader.computeIfAbsent(state.get().leaderId(), id -> new ArrayList<>())
                        .add(partition);
            } else {
                leaderless.add(partition);
            }
        }
        if (!gone.isEmpty() || !leaderless.isEmpty()) {
            results.on(gone, leaderless);
        }
        byLeader.forEach((leaderId, partitions) -> {
            if (leaderId == brokerId) {
                partitions.forEach(partition ->
                        writer.write(marker, partition).thenAccept(error -> onAnswer(due, partition, error, results)));
            } else {
                send(leaderId, marker, partitions, due, results);
            }
        });
    }

    private static Optional<PartitionState> state(ClusterImage image, TransactionPartition partition) {
        Optional<TopicImage> topic = image.topic(partition.topic());
        return topic.flatMap(found -> found.partition(partition.partition()));
    }

    private void onAnswer(MarkersDue due, TransactionPartition partition, ErrorCode error, Results results) {
        if (!MarkersDue.isSettledBy(error)) {
            LOGGER.log(DEBUG, () -> "The marker of " + due + " is not in " + partition + " yet: " + error);
            results.on(List.of(), List.of(partition));
            return;
        }
        if (error.isError()) {
            LOGGER.log(
                    WARNING,
                    () -> partition + " knows a later epoch than " + due.producer() + " of " + due.transactionalId()
                            + ", so that its transaction has ended there without a marker of this epoch");
        }
        results.on(List.of(partition), List.of());
    }

    private void send(
            int leaderId, Marker marker, List<TransactionPartition> partitions, MarkersDue due, Results results) {
        connections
                .to(leaderId)
                .thenCompose(connection -> connection.<WriteTxnMarkersResponse>send(request(marker, partitions)))
                .whenComplete((response, failure) -> {
                    if (failure != null) {
                        LOGGER.log(DEBUG, () -> "Broker " + leaderId + " takes no markers: " + failure.getMessage());
                        results.on(List.of(), partitions);
                    } else {
                        Map<TransactionPartition, ErrorCode> errors = errors(response);
                        partitions.forEach(partition -> onAnswer(
                                due,
                                partition,
                                errors.getOrDefault(partition, ErrorCode.UNKNOWN_SERVER_ERROR),
                                results));
                    }
                });
    }

    private static WriteTxnMarkersRequest request(Marker marker, List<TransactionPartition> partitions) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        partitions.forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(partition.partition()));
        var topics = byTopic.entrySet().stream()
                .map(topic -> new WriteTxnMarkersRequest.Topic(topic.getKey(), topic.getValue()))
                .toList();
        return new WriteTxnMarkersRequest(List.of(new WriteTxnMarkersRequest.Marker(
                marker.producer().producerId(),
                marker.producer().epoch(),
                marker.committed(),
                topics,
                marker.coordinatorEpoch(),
                (byte) marker.version())));
    }

    private static Map<TransactionPartition, ErrorCode> errors(WriteTxnMarkersResponse response) {
        Map<TransactionPartition, ErrorCode> errors = new HashMap<>();
        response.markers().forEach(marker -> marker.topics().forEach(topic -> topic.partitions()
                .forEach(partition -> errors.put(
                        new TransactionPartition(topic.name(), partition.partitionIndex()), partition.errorCode()))));
        return errors;
    }
}
