package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells a client which brokers live and who leads what.
 *
 * <p>A topic asked for by name that is missing is created, where request and broker allow it, and told once this broker knows it. Errors of
 * a topic: INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, those of creation; of a partition without a living leader:
 * LEADER_NOT_AVAILABLE.
 */
final class MetadataHandler implements RequestHandler<MetadataRequest> {
    private static final UUID NO_ID = new UUID(0, 0);
    private static final int OPERATIONS_UNKNOWN = Integer.MIN_VALUE;
    private static final int CREATION_TIMEOUT_MS = 5_000;

    private final ClusterView cluster;
    private final TopicAdministration administration;
    private final boolean autoCreates;

    MetadataHandler(ClusterView cluster, TopicAdministration administration, boolean autoCreates) {
        this.cluster = cluster;
        this.administration = administration;
        this.autoCreates = autoCreates;
    }

    @Override
    public CompletableFuture<MetadataResponse> handle(RequestContext context, MetadataRequest request) {
        ClusterImage image = cluster.image();
        List<String> missing = autoCreates && request.allowAutoTopicCreation() ? missing(image, request) : List.of();
        if (missing.isEmpty()) {
            return CompletableFuture.completedFuture(answer(context, image, request, Map.of()));
        }
        return create(missing).thenApply(failures -> answer(context, cluster.image(), request, failures));
    }

    private static List<String> missing(ClusterImage image, MetadataRequest request) {
        if (request.topics() == null) {
            return List.of();
        }
        var missing = new ArrayList<String>();
        for (MetadataRequest.Topic topic : request.topics()) {
            String name = topic.name();
            if (name != null && TopicNames.isLegal(name) && image.topic(name).isEmpty()) {
                missing.add(name);
            }
        }
        return missing;
    }

    /** What went wrong, by name of topic. */
    private CompletableFuture<Map<String, ErrorCode>> create(List<String> names) {
        var topics = names.stream()
                .map(name -> new CreateTopicsRequest.Topic(name, -1, (short) -1, List.of(), List.of()))
                .toList();
        return administration
                .create(new CreateTopicsRequest(topics, CREATION_TIMEOUT_MS, false), true)
                .thenApply(MetadataHandler::failures);
    }

    private static Map<String, ErrorCode> failures(CreateTopicsResponse response) {
        var failures = new LinkedHashMap<String, ErrorCode>();
        for (CreateTopicsResponse.Topic topic : response.topics()) {
            switch (topic.errorCode()) {
                case NONE, TOPIC_ALREADY_EXISTS -> {}
                // The client asks again, and then it may work.
                case REQUEST_TIMED_OUT, NOT_CONTROLLER, NETWORK_EXCEPTION, COORDINATOR_NOT_AVAILABLE ->
                    failures.put(topic.name(), ErrorCode.LEADER_NOT_AVAILABLE);
                default -> failures.put(topic.name(), topic.errorCode());
            }
        }
        return failures;
    }

    private MetadataResponse answer(
            RequestContext context, ClusterImage image, MetadataRequest request, Map<String, ErrorCode> failures) {
        var topics = topics(context, image, request, failures);
        return new MetadataResponse(
                0,
                brokers(image, topics),
                image.clusterId(),
                image.controllerId(),
                topics,
                OPERATIONS_UNKNOWN,
                ErrorCode.NONE);
    }

    private List<MetadataResponse.Broker> brokers(ClusterImage image, List<MetadataResponse.Topic> topics) {
        var leaders = topics.stream()
                .flatMap(topic -> topic.partitions().stream())
                .map(MetadataResponse.Partition::leaderId)
                .collect(Collectors.toSet());
        return cluster.alive(image, leaders).stream()
                .map(broker ->
                        new MetadataResponse.Broker(broker.brokerId(), broker.host(), broker.port(), broker.rack()))
                .toList();
    }

    private List<MetadataResponse.Topic> topics(
            RequestContext context, ClusterImage image, MetadataRequest request, Map<String, ErrorCode> failures) {
        List<MetadataRequest.Topic> asked = request.topics();
        if (asked == null || (asked.isEmpty() && context.apiVersion() == 0)) {
            return all(image, image.topics());
        }
        return asked.stream().map(topic -> topic(image, topic, failures)).toList();
    }

    private List<MetadataResponse.Topic> all(ClusterImage image, Collection<TopicImage> topics) {
        return topics.stream().map(topic -> topic(image, topic)).toList();
    }

    private MetadataResponse.Topic topic(
            ClusterImage image, MetadataRequest.Topic asked, Map<String, ErrorCode> failures) {
        String name = asked.name();
        // Kafka's clients leave the name empty where they give an id.
        if (name == null || !asked.topicId().equals(NO_ID)) {
            return image.topic(asked.topicId())
                    .map(topic -> topic(image, topic))
                    .orElseGet(() -> refused(null, asked.topicId(), ErrorCode.UNKNOWN_TOPIC_ID));
        }
        if (!TopicNames.isLegal(name)) {
            return refused(name, NO_ID, ErrorCode.INVALID_TOPIC_EXCEPTION);
        }
        return image.topic(name)
                .map(topic -> topic(image, topic))
                .orElseGet(
                        () -> refused(name, NO_ID, failures.getOrDefault(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)));
    }

    private static MetadataResponse.Topic refused(@Nullable String name, UUID topicId, ErrorCode error) {
        return MetadataResponse.Topic.error(name, topicId, error);
    }

    private MetadataResponse.Topic topic(ClusterImage image, TopicImage topic) {
        var partitions = new ArrayList<MetadataResponse.Partition>(topic.partitionCount());
        for (int i = 0; i < topic.partitionCount(); i++) {
            partitions.add(partition(
                    image, i, topic.partitions().get(i), topic.assignment().get(i)));
        }
        return new MetadataResponse.Topic(
                ErrorCode.NONE,
                topic.name(),
                topic.topicId(),
                TopicNames.isInternal(topic.name()),
                partitions,
                OPERATIONS_UNKNOWN);
    }

    private MetadataResponse.Partition partition(
            ClusterImage image, int index, PartitionState state, List<Integer> replicas) {
        boolean isLed = state.hasLeader() && image.brokers().containsKey(state.leaderId());
        return new MetadataResponse.Partition(
                isLed ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
                index,
                isLed ? state.leaderId() : PartitionState.NO_LEADER,
                state.leaderEpoch(),
                replicas,
                state.inSyncReplicas(),
                replicas.stream()
                        .filter(id -> !(isLed && id == state.leaderId()) && !cluster.isAlive(image, id))
                        .toList());
    }
}
