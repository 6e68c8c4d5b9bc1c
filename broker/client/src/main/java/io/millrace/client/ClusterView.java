package io.millrace.client;

import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeDestinationsRequest;
import io.millrace.protocol.message.DescribeDestinationsResponse;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one broker said of the cluster: who is alive, and the destinations it was asked for. Immutable.
 *
 * <p>Brokers of ours are asked with DescribeDestinations. Others know Metadata only, and all their topics are of the
 * kind topic.
 */
record ClusterView(ClusterDescription cluster, List<Found> destinations) {
    private static final UUID BY_NAME = new UUID(0, 0);

    /** A destination, or why there is none. */
    record Found(String name, ErrorCode errorCode, @Nullable DestinationDescription destination) {}

    /**
     * Asks over this connection.
     *
     * @param names null for all
     */
    static CompletableFuture<ClusterView> ask(
            Connection connection, @Nullable Collection<String> names, boolean withConfiguration, Duration timeout) {
        if (connection.offers(ApiKey.DESCRIBE_DESTINATIONS)) {
            var request = new DescribeDestinationsRequest(names == null ? null : List.copyOf(names), withConfiguration);
            return connection
                    .<DescribeDestinationsResponse>send(request, timeout)
                    .thenApply(ClusterView::of);
        }
        var topics = names == null
                ? null
                : names.stream()
                        .map(name -> new MetadataRequest.Topic(BY_NAME, name))
                        .toList();
        var request = new MetadataRequest(topics, false, false, false);
        return connection.<MetadataResponse>send(request, timeout).thenApply(ClusterView::of);
    }

    static ClusterView of(DescribeDestinationsResponse response) {
        refuse(response.errorCode());
        var brokers = response.brokers().stream()
                .map(broker ->
                        new ClusterDescription.Broker(broker.brokerId(), broker.host(), broker.port(), broker.rack()))
                .toList();
        return new ClusterView(
                new ClusterDescription(response.controllerId(), brokers),
                response.destinations().stream().map(ClusterView::found).toList());
    }

    private static Found found(DescribeDestinationsResponse.Destination from) {
        if (from.errorCode().isError()) {
            return new Found(from.name(), from.errorCode(), null);
        }
        var kind = from.kind() == DescribeDestinationsResponse.Destination.QUEUE
                ? DestinationKind.QUEUE
                : DestinationKind.TOPIC;
        Map<String, String> configuration = from.configs().stream()
                .collect(Collectors.toMap(
                        DescribeDestinationsResponse.Config::name, DescribeDestinationsResponse.Config::value));
        var partitions = from.partitions().stream()
                .map(partition -> new DestinationDescription.Partition(
                        partition.partitionIndex(),
                        partition.leaderId(),
                        partition.leaderEpoch(),
                        partition.replicas(),
                        partition.inSyncReplicas()))
                .sorted(Comparator.comparingInt(DestinationDescription.Partition::partition))
                .toList();
        return new Found(
                from.name(),
                ErrorCode.NONE,
                new DestinationDescription(
                        from.name(), from.topicId(), kind, from.isInternal(), configuration, partitions));
    }

    static ClusterView of(MetadataResponse response) {
        refuse(response.errorCode());
        var brokers = response.brokers().stream()
                .map(broker ->
                        new ClusterDescription.Broker(broker.nodeId(), broker.host(), broker.port(), broker.rack()))
                .toList();
        return new ClusterView(
                new ClusterDescription(response.controllerId(), brokers),
                response.topics().stream().map(ClusterView::found).toList());
    }

    private static Found found(MetadataResponse.Topic from) {
        String name = Objects.requireNonNullElse(from.name(), "");
        if (from.errorCode().isError()) {
            return new Found(name, from.errorCode(), null);
        }
        var partitions = from.partitions().stream()
                .map(partition -> new DestinationDescription.Partition(
                        partition.partitionIndex(),
                        partition.leaderId(),
                        partition.leaderEpoch(),
                        partition.replicaNodes(),
                        partition.isrNodes()))
                .sorted(Comparator.comparingInt(DestinationDescription.Partition::partition))
                .toList();
        return new Found(
                name,
                ErrorCode.NONE,
                new DestinationDescription(
                        name, from.topicId(), DestinationKind.TOPIC, from.isInternal(), Map.of(), partitions));
    }

    private static void refuse(ErrorCode errorCode) {
        if (errorCode.isError()) {
            throw new ClientException(errorCode, "The broker could not describe the cluster: " + errorCode);
        }
    }
}
