package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ClusterImageEditor;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.zookeeper.TopicCodec.Topic;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one broker has read of the tree so far, and the image that follows from it. Readings arrive in any order; one that is not newer
 * than what is known of its path changes nothing.
 *
 * <p>Owned by the store's thread.
 */
final class ClusterMirror {
    /** What a controller starts from: each znode it writes, with the version to expect. */
    record Snapshot(
            ClusterImage image, Map<UUID, TopicNode> topics, Map<Integer, BucketNode> buckets, int settingsVersion) {}

    record TopicNode(int version, long modifiedBy, Topic topic) {}

    record BucketNode(int version, long modifiedBy, Map<UUID, TopicStates> topics) {}

    private record BrokerNode(long modifiedBy, BrokerRegistration registration) {}

    private final Paths paths;
    private final Map<UUID, TopicNode> topics = new HashMap<>();
    private final Map<Integer, BucketNode> buckets = new HashMap<>();
    private final Map<Integer, BrokerNode> brokers = new TreeMap<>();
    private int controllerId = ClusterImage.NO_CONTROLLER;
    private long controllerModifiedBy;
    private int settingsVersion;
    private long settingsModifiedBy;
    private final ClusterImageEditor editor = new ClusterImageEditor(ClusterImage.EMPTY);

    ClusterMirror(Paths paths) {
        this.paths = paths;
    }

    ClusterImage image() {
        return editor.image();
    }

    Snapshot snapshot() {
        return new Snapshot(image(), new HashMap<>(topics), new HashMap<>(buckets), settingsVersion);
    }

    /** Takes over a reading. Refuses one that cannot be understood with {@link MetadataException}; it then changes nothing. */
    void onRead(String path, Node node) {
        if (path.equals(paths.cluster())) {
            editor.change(image -> image.withClusterId(new String(node.data(), StandardCharsets.UTF_8)));
        } else if (path.equals(paths.controller())) {
            onController(path, node);
        } else if (path.equals(paths.controllerEpoch())) {
            var latest = ControllerCodec.decode(path, node.data());
            publishController(latest.controllerEpoch());
        } else if (path.equals(paths.settings())) {
            onSettings(path, node);
        } else if (isChild(path, paths.brokers())) {
            onBroker(path, node);
        } else if (isChild(path, paths.topics())) {
            onTopic(path, node);
        } else if (isChild(path, paths.partitionStates())) {
            onBucket(path, node);
        }
    }

    /** Takes over that a path does not exist. */
    void onGone(String path) {
        if (path.equals(paths.controller())) {
            controllerId = ClusterImage.NO_CONTROLLER;
            publishController(0);
        } else if (isChild(path, paths.brokers())) {
            brokers.remove(brokerIdOf(path));
            publishBrokers();
        } else if (isChild(path, paths.topics())) {
            UUID topicId = topicIdOf(path);
            topics.remove(topicId);
            editor.remove(topicId);
        }
    }

    private static boolean isChild(String path, String parent) {
        return path.startsWith(parent)
                && path.lastIndexOf('/') == parent.length()
                && path.length() > parent.length() + 1;
    }

    private void onController(String path, Node node) {
        if (node.modifiedBy() <= controllerModifiedBy) {
            return;
        }
        var election = ControllerCodec.decode(path, node.data());
        controllerModifiedBy = node.modifiedBy();
        controllerId = election.brokerId();
        publishController(election.controllerEpoch());
    }

    /** @param seenEpoch counts only if it is greater than the one known */
    private void publishController(int seenEpoch) {
        int holder = controllerId;
        editor.change(image -> image.withController(holder, Math.max(image.controllerEpoch(), seenEpoch)));
    }

    private void onSettings(String path, Node node) {
        if (node.modifiedBy() > settingsModifiedBy) {
            var read = SettingsCodec.decode(path, node.data());
            settingsModifiedBy = node.modifiedBy();
            settingsVersion = node.version();
            editor.change(image -> image.withSettings(read));
        }
    }

    private void onBroker(String path, Node node) {
        int brokerId = brokerIdOf(path);
        var known = brokers.get(brokerId);
        if (known == null || known.modifiedBy() < node.modifiedBy()) {
            var registration = BrokerCodec.decode(path, brokerId, node.data(), node.createdBy());
            brokers.put(brokerId, new BrokerNode(node.modifiedBy(), registration));
            publishBrokers();
        }
    }

    private void publishBrokers() {
        var registrations = new TreeMap<Integer, BrokerRegistration>();
        brokers.forEach((brokerId, node) -> registrations.put(brokerId, node.registration()));
        editor.change(image -> image.withBrokers(registrations));
    }

    private void onTopic(String path, Node node) {
        UUID topicId = topicIdOf(path);
        var known = topics.get(topicId);
        if (known == null || known.modifiedBy() < node.modifiedBy()) {
            var topic = TopicCodec.decode(path, node.data());
            topics.put(topicId, new TopicNode(node.version(), node.modifiedBy(), topic));
            publishTopic(topicId);
        }
    }

    private void onBucket(String path, Node node) {
        int bucket = bucketOf(path);
        var known = buckets.get(bucket);
        if (known != null && known.modifiedBy() >= node.modifiedBy()) {
            return;
        }
        var read = BucketCodec.decode(path, node.data());
        buckets.put(bucket, new BucketNode(node.version(), node.modifiedBy(), read.topics()));
        Map<UUID, TopicStates> before = known == null ? Map.of() : known.topics();
        read.topics().forEach((topicId, states) -> {
            if (!states.equals(before.get(topicId))) {
                publishTopic(topicId);
            }
        });
    }

    /** A topic is seen once its znode and its bucket have been read and speak of the same assignment and number in sync. */
    private void publishTopic(UUID topicId) {
        var node = topics.get(topicId);
        var bucket = buckets.get(BucketCodec.bucketOf(topicId));
        @Nullable TopicStates states = bucket == null ? null : bucket.topics().get(topicId);
        if (node == null || states == null || !states.fits(node.topic())) {
            return;
        }
        var partitions = states.decode(
                "the state of topic " + node.topic().name(), node.topic().assignment());
        editor.put(node.topic().with(partitions));
    }

    private static int brokerIdOf(String path) {
        return number(path);
    }

    private static int bucketOf(String path) {
        return number(path);
    }

    private static int number(String path) {
        try {
            return Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
        } catch (NumberFormatException e) {
            throw new MetadataException("the znode " + path + " should be named by a number", e);
        }
    }

    private static UUID topicIdOf(String path) {
        try {
            return UUID.fromString(path.substring(path.lastIndexOf('/') + 1));
        } catch (IllegalArgumentException e) {
            throw new MetadataException("the znode " + path + " should be named by a topic id", e);
        }
    }

    /** The paths of the children of a parent that are known here. */
    List<String> knownChildren(String parent) {
        if (parent.equals(paths.brokers())) {
            return brokers.keySet().stream().map(paths::broker).toList();
        }
        return parent.equals(paths.topics())
                ? topics.keySet().stream().map(paths::topic).toList()
                : List.of();
    }
}
