package io.millrace.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The whole cluster at one moment. Immutable.
 *
 * <p>Topics lie in {@value #BUCKETS} buckets, once by id and once by name; a change copies the buckets it touches and shares the others,
 * so an image of 20,000 partitions changes at the cost of a few hundred references.
 */
public final class ClusterImage {
    /** The controller id of a cluster that has none at the moment. */
    public static final int NO_CONTROLLER = -1;

    private static final int BUCKETS = 256;

    /** A cluster about which nothing is known. */
    public static final ClusterImage EMPTY =
            new ClusterImage("", NO_CONTROLLER, 0, Map.of(), new Topics(emptyBuckets(), emptyBuckets(), 0));

    private final String clusterId;
    private final int controllerId;
    private final int controllerEpoch;
    private final Map<Integer, BrokerRegistration> brokers;
    private final Topics topics;

    private ClusterImage(
            String clusterId,
            int controllerId,
            int controllerEpoch,
            Map<Integer, BrokerRegistration> brokers,
            Topics topics) {
        this.clusterId = clusterId;
        this.controllerId = controllerId;
        this.controllerEpoch = controllerEpoch;
        this.brokers = brokers;
        this.topics = topics;
    }

    private static <K> List<Map<K, TopicImage>> emptyBuckets() {
        return Collections.nCopies(BUCKETS, Map.of());
    }

    /** Empty until the store has been read. */
    public String clusterId() {
        return clusterId;
    }

    /** The broker that is controller, or {@link #NO_CONTROLLER}. */
    public int controllerId() {
        return controllerId;
    }

    /** The epoch of the latest election, also when its winner is gone. */
    public int controllerEpoch() {
        return controllerEpoch;
    }

    /** The registered brokers by id, in the order of their ids. */
    public Map<Integer, BrokerRegistration> brokers() {
        return brokers;
    }

    public Optional<TopicImage> topic(UUID topicId) {
        return Optional.ofNullable(topics.byId.get(bucketOf(topicId)).get(topicId));
    }

    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(topics.byName.get(bucketOf(name)).get(name));
    }

    public int topicCount() {
        return topics.count;
    }

    /** All topics, in no particular order. */
    public Collection<TopicImage> topics() {
        var all = new ArrayList<TopicImage>(topics.count);
        topics.byId.forEach(bucket -> all.addAll(bucket.values()));
        return Collections.unmodifiableList(all);
    }

    /** The topics of this image that are new or different since {@code earlier}; cheap where the images share their structure. */
    public List<TopicImage> changedTopics(ClusterImage earlier) {
        var changed = new ArrayList<TopicImage>();
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            var now = topics.byId.get(bucket);
            var before = earlier.topics.byId.get(bucket);
            if (now != before) {
                now.values().stream()
                        .filter(topic -> !topic.equals(before.get(topic.topicId())))
                        .forEach(changed::add);
            }
        }
        return changed;
    }

    /** The topics of {@code earlier} that no longer exist. */
    public List<TopicImage> deletedTopics(ClusterImage earlier) {
        var deleted = new ArrayList<TopicImage>();
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            var now = topics.byId.get(bucket);
            var before = earlier.topics.byId.get(bucket);
            if (now != before) {
                before.values().stream()
                        .filter(topic -> !now.containsKey(topic.topicId()))
                        .forEach(deleted::add);
            }
        }
        return deleted;
    }

    public ClusterImage withClusterId(String newClusterId) {
        return new ClusterImage(newClusterId, controllerId, controllerEpoch, brokers, topics);
    }

    public ClusterImage withController(int newControllerId, int newControllerEpoch) {
        return new ClusterImage(clusterId, newControllerId, newControllerEpoch, brokers, topics);
    }

    public ClusterImage withBrokers(Map<Integer, BrokerRegistration> newBrokers) {
        var sorted = Collections.unmodifiableMap(new TreeMap<>(newBrokers));
        return new ClusterImage(clusterId, controllerId, controllerEpoch, sorted, topics);
    }

    /** This image with a topic added or replaced. Where two topics bear one name, the one added last is found by it. */
    public ClusterImage withTopic(TopicImage topic) {
        return withTopics(topics.with(topic));
    }

    public ClusterImage withoutTopic(UUID topicId) {
        return topic(topicId).map(gone -> withTopics(topics.without(gone))).orElse(this);
    }

    private ClusterImage withTopics(Topics newTopics) {
        return new ClusterImage(clusterId, controllerId, controllerEpoch, brokers, newTopics);
    }

    /** This image after the change; a change to a topic that is not there leaves it as it is. */
    public ClusterImage with(MetadataChange change) {
        if (change instanceof MetadataChange.CreateTopic create) {
            return withTopic(create.topic());
        }
        if (change instanceof MetadataChange.DeleteTopic delete) {
            return withoutTopic(delete.topicId());
        }
        Optional<TopicImage> topic = topic(change.topicId());
        if (change instanceof MetadataChange.ChangePartitions partitions) {
            return topic.map(old -> withTopic(old.withPartitions(partitions.partitions())))
                    .orElse(this);
        }
        if (change instanceof MetadataChange.ChangeConfiguration configuration) {
            return topic.map(old -> withTopic(old.withConfiguration(configuration.configuration())))
                    .orElse(this);
        }
        if (change instanceof MetadataChange.ChangeAssignment moved) {
            return topic.map(old -> withTopic(old.withAssignment(moved.assignments(), moved.partitions())))
                    .orElse(this);
        }
        throw new IllegalStateException("no rule applies " + change);
    }

    private static int bucketOf(Object key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (BUCKETS - 1);
    }

    @Override
    public String toString() {
        return "ClusterImage[cluster " + clusterId + ", controller " + controllerId + " epoch " + controllerEpoch
                + ", brokers " + brokers.keySet() + ", " + topics.count + " topics]";
    }

    private record Topics(List<Map<UUID, TopicImage>> byId, List<Map<String, TopicImage>> byName, int count) {
        Topics with(TopicImage topic) {
            boolean known = byId.get(bucketOf(topic.topicId())).containsKey(topic.topicId());
            return new Topics(
                    replaced(byId, bucketOf(topic.topicId()), topic.topicId(), topic),
                    replaced(byName, bucketOf(topic.name()), topic.name(), topic),
                    known ? count : count + 1);
        }

        Topics without(TopicImage gone) {
            var named = byName.get(bucketOf(gone.name())).get(gone.name());
            boolean nameIsIts = named != null && named.topicId().equals(gone.topicId());
            return new Topics(
                    replaced(byId, bucketOf(gone.topicId()), gone.topicId(), null),
                    nameIsIts ? replaced(byName, bucketOf(gone.name()), gone.name(), null) : byName,
                    count - 1);
        }

        private static <K> List<Map<K, TopicImage>> replaced(
                List<Map<K, TopicImage>> buckets, int index, K key, @Nullable TopicImage topic) {
            var bucket = new HashMap<>(buckets.get(index));
            if (topic == null) {
                bucket.remove(key);
            } else {
                bucket.put(key, topic);
            }
            var copy = new ArrayList<>(buckets);
            copy.set(index, bucket);
            return copy;
        }
    }
}
