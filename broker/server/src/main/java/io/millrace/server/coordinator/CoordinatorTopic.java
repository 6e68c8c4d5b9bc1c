package io.millrace.server.coordinator;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.TopicAdministration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * An internal topic whose partitions are led by the coordinators of something: of groups, or of transactions.
 *
 * @param partitions where it must be created
 * @param replicationFactor where it must be created; fewer replicas where there are fewer brokers
 * @param inSyncMin how many replicas must have a record that is acknowledged; fewer where there are fewer brokers
 * @param settings further ones of the topic
 */
public record CoordinatorTopic(
        String name, int partitions, int replicationFactor, int inSyncMin, Map<String, String> settings) {
    private static final int CREATION_TIMEOUT_MS = 5_000;

    /** The partition that a group or transactional id belongs to: Kafka's choice, so that tools that compute it find the same. */
    public static int partitionOf(String key, TopicImage topic) {
        return (key.hashCode() & Integer.MAX_VALUE) % topic.partitionCount();
    }

    /** The broker that coordinates what has the key; empty while there is no topic, or no leader. */
    public Optional<BrokerRegistration> coordinatorOf(String key, ClusterImage image) {
        return image.topic(name)
                .flatMap(found -> found.partition(partitionOf(key, found)))
                .filter(PartitionState::hasLeader)
                .map(state -> image.brokers().get(state.leaderId()));
    }

    /** The topic, which is created where it is missing; empty where that takes too long. */
    public CompletableFuture<Optional<TopicImage>> ensure(ClusterView cluster, TopicAdministration administration) {
        Optional<TopicImage> known = cluster.image().topic(name);
        return known.isPresent()
                ? CompletableFuture.completedFuture(known)
                : administration
                        .create(creation(cluster.image().brokers().size()), true)
                        .thenApply(created -> cluster.image().topic(name));
    }

    private CreateTopicsRequest creation(int brokers) {
        int replicas = Math.max(1, Math.min(replicationFactor, brokers));
        var configs = new ArrayList<CreateTopicsRequest.Config>();
        configs.add(new CreateTopicsRequest.Config("cleanup.policy", "compact"));
        if (inSyncMin > 1) {
            String atLeast = String.valueOf(Math.min(inSyncMin, replicas));
            configs.add(new CreateTopicsRequest.Config("min.insync.replicas", atLeast));
        }
        settings.forEach((key, value) -> configs.add(new CreateTopicsRequest.Config(key, value)));
        var topic = new CreateTopicsRequest.Topic(name, partitions, (short) replicas, List.of(), configs);
        return new CreateTopicsRequest(List.of(topic), CREATION_TIMEOUT_MS, false);
    }
}
