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

/**
 * The whole cluster at one moment. Immutable.
 *
 * <p>Topics lie in {@value #BUCKETS} buckets by id, their names in as many; a change copies the buckets it touches and shares the others,
 * so an image of 20,000 partitions changes at the cost of a few hundred references.
 */
public final class ClusterImage {
    /** The controller id of a cluster that has none at the moment. */
    public static final int NO_CONTROLLER = -1;

    static final int BUCKETS = 256;

    /** A cluster about which nothing is known. */
    public static final ClusterImage EMPTY =
            new ClusterImage("", NO_CONTROLLER, 0, Map.of(), new Topics(emptyBuckets(), emptyBuckets(), 0), Map.of());

    private final String clusterId;
    private final int controllerId;
    private final int controllerEpoch;
    private final Map<Integer, BrokerRegistration> brokers;
    private final Topics topics;
    private final Map<SettingsScope, Map<String, String>> settings;

    private ClusterImage(
            String clusterId,
            int controllerId,
            int controllerEpoch,
            Map<Integer, BrokerRegistration> brokers,
            Topics topics,
            Map<SettingsScope, Map<String, String>> settings) {
        this.clusterId = clusterId;
        this.controllerId = controllerId;
        this.controllerEpoch = controllerEpoch;
        this.brokers = brokers;
        this.topics = topics;
        this.settings = settings;
    }

    private static <K, V> List<Map<K, V>> emptyBuckets() {
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
        return Optional.ofNullable(topics.byName.get(bucketOf(name)).get(name)).flatMap(this::topic);
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

    /** All settings that are no topic's. */
    public Map<SettingsScope, Map<String, String>> settings() {
        return settings;
    }

    /** The settings of one scope; empty where there are none. */
    public Map<String, String> settings(SettingsScope scope) {
        return settings.getOrDefault(scope, Map.of());
    }

    public ClusterImage withClusterId(String newClusterId) {
        return new ClusterImage(newClusterId, controllerId, controllerEpoch, brokers, topics, settings);
    }

    public ClusterImage withController(int newControllerId, int newControllerEpoch) {
        return new ClusterImage(clusterId, newControllerId, newControllerEpoch, brokers, topics, settings);
    }

    public ClusterImage withBrokers(Map<Integer, BrokerRegistration> newBrokers) {
        var sorted = Collections.unmodifiableMap(new TreeMap<>(newBrokers));
        return new ClusterImage(clusterId, controllerId, controllerEpoch, sorted, topics, settings);
    }

    public ClusterImage withSettings(Map<SettingsScope, Map<String, String>> newSettings) {
        return new ClusterImage(clusterId, controllerId, controllerEpoch, brokers, topics, Map.copyOf(newSettings));
    }

    /** This image with all settings of a scope replaced; none at all end it. */
    public ClusterImage withSettings(SettingsScope scope, Map<String, String> ofScope) {
        var all = new HashMap<>(settings);
        if (ofScope.isEmpty()) {
            all.remove(scope);
        } else {
            all.put(scope, Map.copyOf(ofScope));
        }
        return withSettings(all);
    }

    /** This image with a topic added or replaced; many at a time are cheaper by a {@link ClusterImageEditor}. */
    public ClusterImage withTopic(TopicImage topic) {
        var editor = new ClusterImageEditor(this);
        editor.put(topic);
        return editor.image();
    }

    public ClusterImage withoutTopic(UUID topicId) {
        var editor = new ClusterImageEditor(this);
        editor.remove(topicId);
        return editor.image();
    }

    /** This image after the change; a change to a topic that is not there leaves it as it is. */
    public ClusterImage with(MetadataChange change) {
        var editor = new ClusterImageEditor(this);
        editor.apply(change);
        return editor.image();
    }

    /** The editor hands over what it made and keeps no hold on it. */
    ClusterImage withTopics(List<Map<UUID, TopicImage>> byId, List<Map<String, UUID>> byName, int count) {
        return new ClusterImage(
                clusterId, controllerId, controllerEpoch, brokers, new Topics(byId, byName, count), settings);
    }

    List<Map<UUID, TopicImage>> byId() {
        return topics.byId;
    }

    List<Map<String, UUID>> byName() {
        return topics.byName;
    }

    static int bucketOf(Object key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (BUCKETS - 1);
    }

    @Override
    public String toString() {
        return "ClusterImage[cluster " + clusterId + ", controller " + controllerId + " epoch " + controllerEpoch
                + ", brokers " + brokers.keySet() + ", " + topics.count + " topics]";
    }

    /** Names lead to ids only, so that a change of a topic's state leaves them alone. */
    private record Topics(List<Map<UUID, TopicImage>> byId, List<Map<String, UUID>> byName, int count) {}
}
