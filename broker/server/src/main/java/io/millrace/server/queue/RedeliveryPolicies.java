package io.millrace.server.queue;

import io.millrace.coordinator.queue.RedeliveryPolicy;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.PartitionKey;
import io.millrace.server.configuration.DeadLetterRules;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.TopicRulesCache;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What becomes of messages whose delivery fails, by their destinations' configurations as they are now. Thread-safe.
 *
 * <p>The messages of a dead-letter queue never die, whatever its configuration says: else two queues could send each other the same ones for ever. One is
 * known by its name, or because another destination names it.
 */
public final class RedeliveryPolicies {
    /** The dead-letter queues that destinations of an image name, by these. */
    private record Named(ClusterImage image, Map<UUID, String> queues) {}

    private final ClusterView cluster;
    private final TopicRulesCache rules;
    private volatile Named named = new Named(ClusterImage.EMPTY, Map.of());

    public RedeliveryPolicies(ClusterView cluster, TopicRulesCache rules) {
        this.cluster = cluster;
        this.rules = rules;
    }

    public RedeliveryPolicy of(PartitionKey partition) {
        ClusterImage image = cluster.image();
        return image.topic(partition.topicId())
                .map(topic -> of(image, topic))
                .orElse(RedeliveryPolicy.AT_ONCE_FOR_EVER);
    }

    private RedeliveryPolicy of(ClusterImage image, TopicImage topic) {
        RedeliveryPolicy configured = rules.of(topic).deadLetters().redelivery();
        boolean isDeadLetterQueue = topic.name().startsWith(DeadLetterRules.PREFIX)
                || namedIn(image).contains(topic.name());
        return isDeadLetterQueue ? configured.withoutDeath() : configured;
    }

    private Collection<String> namedIn(ClusterImage image) {
        Named known = named;
        // Many images come and go, and few topics differ between them.
        if (!isSame(known.image(), image)) {
            known = new Named(image, next(known, image));
            named = known;
        }
        return known.queues().values();
    }

    @SuppressWarnings("ReferenceEquality") // whether there is anything to compare at all
    private static boolean isSame(ClusterImage one, ClusterImage other) {
        return one == other;
    }

    private static Map<UUID, String> next(Named before, ClusterImage image) {
        var queues = new HashMap<>(before.queues());
        image.deletedTopics(before.image()).forEach(topic -> queues.remove(topic.topicId()));
        for (TopicImage topic : image.changedTopics(before.image())) {
            String queue = topic.configuration(DeadLetterRules.QUEUE, "");
            if (queue.isEmpty()) {
                queues.remove(topic.topicId());
            } else {
                queues.put(topic.topicId(), queue);
            }
        }
        return queues;
    }
}
