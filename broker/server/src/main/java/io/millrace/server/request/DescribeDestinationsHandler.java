package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeDestinationsRequest;
import io.millrace.protocol.message.DescribeDestinationsResponse;
import io.millrace.protocol.message.DescribeDestinationsResponse.Broker;
import io.millrace.protocol.message.DescribeDestinationsResponse.Config;
import io.millrace.protocol.message.DescribeDestinationsResponse.Destination;
import io.millrace.protocol.message.DescribeDestinationsResponse.Partition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Tells our own clients all about topics and queues. Error of a destination: UNKNOWN_TOPIC_OR_PARTITION. */
final class DescribeDestinationsHandler implements RequestHandler<DescribeDestinationsRequest> {
    private final ClusterView cluster;

    DescribeDestinationsHandler(ClusterView cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<DescribeDestinationsResponse> handle(
            RequestContext context, DescribeDestinationsRequest request) {
        ClusterImage image = cluster.image();
        var destinations = destinations(image, request);
        var leaders = destinations.stream()
                .flatMap(destination -> destination.partitions().stream())
                .map(Partition::leaderId)
                .collect(Collectors.toSet());
        var brokers = cluster.alive(image, leaders).stream()
                .map(broker -> new Broker(broker.brokerId(), broker.host(), broker.port(), broker.rack()))
                .toList();
        return CompletableFuture.completedFuture(
                new DescribeDestinationsResponse(0, ErrorCode.NONE, image.controllerId(), brokers, destinations));
    }

    private static List<Destination> destinations(ClusterImage image, DescribeDestinationsRequest request) {
        List<String> names = request.names();
        if (names == null) {
            return image.topics().stream()
                    .sorted(Comparator.comparing(TopicImage::name))
                    .map(topic -> destination(topic, request.includeConfigs()))
                    .toList();
        }
        return names.stream()
                .map(name -> image.topic(name)
                        .map(topic -> destination(topic, request.includeConfigs()))
                        .orElseGet(() -> Destination.error(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)))
                .toList();
    }

    private static Destination destination(TopicImage topic, boolean includeConfigs) {
        var configs = new ArrayList<Config>();
        if (includeConfigs) {
            new TreeMap<>(topic.configuration()).forEach((name, value) -> configs.add(new Config(name, value)));
        }
        var partitions = new ArrayList<Partition>(topic.partitionCount());
        for (int i = 0; i < topic.partitionCount(); i++) {
            partitions.add(
                    partition(i, topic.partitions().get(i), topic.assignment().get(i)));
        }
        return new Destination(
                ErrorCode.NONE,
                topic.name(),
                topic.topicId(),
                topic.kind() == DestinationKind.QUEUE ? Destination.QUEUE : Destination.TOPIC,
                TopicNames.isInternal(topic.name()),
                configs,
                partitions);
    }

    private static Partition partition(int index, PartitionState state, List<Integer> replicas) {
        return new Partition(
                index,
                state.hasLeader() ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
                state.leaderId(),
                state.leaderEpoch(),
                state.partitionEpoch(),
                replicas,
                state.inSyncReplicas());
    }
}
