package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImageEditor;
import io.millrace.metadata.MetadataChange;
import io.millrace.metadata.MetadataChange.ChangeAssignment;
import io.millrace.metadata.MetadataChange.ChangeConfiguration;
import io.millrace.metadata.MetadataChange.ChangePartitions;
import io.millrace.metadata.MetadataChange.ChangeSettings;
import io.millrace.metadata.MetadataChange.ChangeSubscriptions;
import io.millrace.metadata.MetadataChange.CreateTopic;
import io.millrace.metadata.MetadataChange.DeleteTopic;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.zookeeper.ClusterMirror.BucketNode;
import io.millrace.metadata.zookeeper.ClusterMirror.Snapshot;
import io.millrace.metadata.zookeeper.ClusterMirror.TopicNode;
import io.millrace.metadata.zookeeper.TopicCodec.Topic;
import io.millrace.metadata.zookeeper.ZooKeeperElection.Won;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.apache.zookeeper.Op;

/**
 * Turns changes into fenced writes: each checks {@code /controller_epoch} and expects the version of every znode it touches. Pure: knows
 * the znodes as the controller last left them and predicts their versions.
 *
 * <p>One plan serves one commit; {@link #after} is what the znodes are once all of its writes are done.
 */
final class ChangePlan {
    /** A znode above this is slow to write and to read for everybody. */
    static final int ZNODE_BYTES_MAX = 256 * 1024;
    /** Bound on one write of several znodes. */
    static final int WRITE_BYTES_MAX = 512 * 1024;

    private static final int ADDRESS_BYTES = 200;
    private static final int STATES_OVERHEAD_BYTES = 24;
    /** Any would do: a bucket carries the stamp by which a write is recognised. */
    private static final int SETTINGS_MARKER = 0;

    /** A bucket that the write under construction replaces. */
    private record Touched(int expectedVersion, Map<UUID, TopicStates> topics) {}

    /**
     * One atomic write. Its first operation checks the controller epoch, those that follow the starts of the brokers it relies on.
     *
     * @param trusted those brokers
     * @param markerPath a znode that the write sets; its stamp tells whether the write has happened
     * @param markerVersion the version of that znode before the write; -1 where the write creates it
     */
    record Write(
            List<Op> operations,
            List<BrokerRegistration> trusted,
            WriteStamp stamp,
            String markerPath,
            int markerVersion) {

        /** The registration that was not the latest any more, if it is that which made the write fail at this operation. */
        Optional<BrokerRegistration> supersededAt(int failedOperation) {
            int index = failedOperation - 1;
            return index >= 0 && index < trusted.size() ? Optional.of(trusted.get(index)) : Optional.empty();
        }
    }

    private final Paths paths;
    private final NewZnodes newZnodes;
    private final int controllerEpoch;
    private final int epochVersion;
    private final LongSupplier operationIds;
    private final List<BrokerRegistration> trusted;

    private final ClusterImageEditor image;
    private final Map<UUID, TopicNode> topics;
    private final Map<Integer, BucketNode> buckets;
    private int settingsVersion;
    private final List<Write> writes = new ArrayList<>();

    private WriteStamp stamp;
    private List<Op> operations = new ArrayList<>();
    private final Map<Integer, Touched> touchedBuckets = new TreeMap<>();
    private int bytes;

    /** @param trusted the brokers that the changes elect or add; their latest starts are checked with each write */
    ChangePlan(
            Paths paths,
            NewZnodes newZnodes,
            Snapshot before,
            Won won,
            LongSupplier operationIds,
            Collection<BrokerRegistration> trusted) {
        this.paths = paths;
        this.newZnodes = newZnodes;
        this.controllerEpoch = won.controllerEpoch();
        this.epochVersion = won.epochVersion();
        this.trusted = List.copyOf(trusted);
        this.operationIds = operationIds;
        this.image = new ClusterImageEditor(before.image());
        this.topics = new HashMap<>(before.topics());
        this.buckets = new HashMap<>(before.buckets());
        this.settingsVersion = before.settingsVersion();
        this.stamp = new WriteStamp(controllerEpoch, operationIds.getAsLong());
    }

    /** Adds a change to what is planned. Refuses with {@link MetadataException} one that cannot be written; the plan is useless then. */
    void add(MetadataChange change) {
        if (bytes > WRITE_BYTES_MAX / 2) {
            finishWrite();
        }
        if (change instanceof CreateTopic create) {
            createTopic(create.topic());
        } else if (change instanceof DeleteTopic delete) {
            deleteTopic(delete.topicId());
        } else if (change instanceof ChangePartitions partitions) {
            changePartitions(partitions);
        } else if (change instanceof ChangeConfiguration configuration) {
            changeConfiguration(configuration);
        } else if (change instanceof ChangeAssignment assignment) {
            changeAssignment(assignment);
        } else if (change instanceof ChangeSubscriptions subscriptions) {
            changeSubscriptions(subscriptions);
        } else if (change instanceof ChangeSettings settings) {
            changeSettings(settings);
        }
        image.apply(change);
    }

    List<Write> writes() {
        finishWrite();
        return writes;
    }

    Snapshot after() {
        return new Snapshot(image.image(), topics, buckets, settingsVersion);
    }

    private void createTopic(TopicImage created) {
        if (topics.containsKey(created.topicId())) {
            throw new MetadataException("topic id " + created.topicId() + " exists already");
        }
        var topic = Topic.of(created);
        String path = paths.topic(created.topicId());
        byte[] data = checked(path, created.name(), TopicCodec.encode(stamp, topic));
        operations.add(newZnodes.persistent(path, data));
        bytes += data.length + ADDRESS_BYTES;
        topics.put(created.topicId(), new TopicNode(0, 0, topic));
        putStates(created.topicId(), statesOf(created));
    }

    private void deleteTopic(UUID topicId) {
        var node = known(topicId);
        operations.add(Op.delete(paths.topic(topicId), node.version()));
        bytes += ADDRESS_BYTES;
        topics.remove(topicId);
        var bucket = touch(topicId);
        bucket.remove(topicId);
    }

    private void changePartitions(ChangePartitions change) {
        var node = known(change.topicId());
        TopicImage changed = existing(change.topicId(), node).withPartitions(change.partitions());
        putStates(change.topicId(), statesOf(changed));
    }

    private void changeConfiguration(ChangeConfiguration change) {
        var node = known(change.topicId());
        var topic = node.topic().withConfiguration(change.configuration());
        String path = paths.topic(change.topicId());
        byte[] data = checked(path, topic.name(), TopicCodec.encode(stamp, topic));
        operations.add(Op.setData(path, data, node.version()));
        bytes += data.length + ADDRESS_BYTES;
        topics.put(change.topicId(), new TopicNode(node.version() + 1, 0, topic));
        // The states' fingerprint covers a part of the configuration; and the bucket carries the stamp by which a write
        // is recognised.
        putStates(
                change.topicId(), statesOf(existing(change.topicId(), node).withConfiguration(change.configuration())));
    }

    /** The states' bits refer to the assignment, so both are written in one step. */
    private void changeAssignment(ChangeAssignment change) {
        var node = known(change.topicId());
        replace(node, existing(change.topicId(), node).withAssignment(change.assignments(), change.partitions()));
    }

    /** Whether there are cursors goes with the leader epoch, so both are written in one step. */
    private void changeSubscriptions(ChangeSubscriptions change) {
        var node = known(change.topicId());
        replace(
                node,
                existing(change.topicId(), node)
                        .withAssignment(change.assignments(), change.partitions())
                        .withSubscriptions(change.subscriptions()));
    }

    private void replace(TopicNode node, TopicImage changed) {
        var topic = Topic.of(changed);
        String path = paths.topic(changed.topicId());
        byte[] data = checked(path, topic.name(), TopicCodec.encode(stamp, topic));
        operations.add(Op.setData(path, data, node.version()));
        bytes += data.length + ADDRESS_BYTES;
        topics.put(changed.topicId(), new TopicNode(node.version() + 1, 0, topic));
        putStates(changed.topicId(), statesOf(changed));
    }

    private void changeSettings(ChangeSettings change) {
        var all = image.image().withSettings(change.scope(), change.settings()).settings();
        byte[] data = checked(paths.settings(), "settings of brokers and clients", SettingsCodec.encode(stamp, all));
        operations.add(Op.setData(paths.settings(), data, settingsVersion));
        bytes += data.length + ADDRESS_BYTES;
        settingsVersion++;
        touchedBuckets.computeIfAbsent(SETTINGS_MARKER, this::open);
    }

    private static TopicStates statesOf(TopicImage topic) {
        return TopicStates.of(topic);
    }

    private TopicImage existing(UUID topicId, TopicNode node) {
        return image.topic(topicId)
                .orElseThrow(() -> new MetadataException("topic " + node.topic().name() + " has no partition states"));
    }

    private TopicNode known(UUID topicId) {
        var node = topics.get(topicId);
        if (node == null) {
            throw new MetadataException("there is no topic with the id " + topicId);
        }
        return node;
    }

    private void putStates(UUID topicId, TopicStates states) {
        touch(topicId).put(topicId, states);
        bytes += states.encoded().length;
    }

    /** The topics of a bucket, to be changed in place and written once per write however many of them change. */
    private Map<UUID, TopicStates> touch(UUID topicId) {
        return touchedBuckets
                .computeIfAbsent(BucketCodec.bucketOf(topicId), this::open)
                .topics();
    }

    private Touched open(int index) {
        var node = buckets.get(index);
        if (node == null) {
            throw new MetadataException("the znode " + paths.bucket(index) + " is missing");
        }
        var changing = new LinkedHashMap<>(node.topics());
        buckets.put(index, new BucketNode(node.version() + 1, 0, changing));
        bytes += ADDRESS_BYTES
                + changing.values().stream()
                        .mapToInt(states -> states.encoded().length + STATES_OVERHEAD_BYTES)
                        .sum();
        return new Touched(node.version(), changing);
    }

    private void finishWrite() {
        if (touchedBuckets.isEmpty()) {
            return;
        }
        var all = new ArrayList<Op>();
        all.add(Op.check(paths.controllerEpoch(), epochVersion));
        trusted.forEach(broker ->
                all.add(Op.check(paths.start(broker.brokerId()), broker.start().number())));
        all.addAll(operations);
        touchedBuckets.forEach((index, bucket) -> {
            String path = paths.bucket(index);
            byte[] data = BucketCodec.encode(stamp, bucket.topics());
            all.add(Op.setData(path, checked(path, "the partitions in it", data), bucket.expectedVersion()));
        });
        var marker = touchedBuckets.entrySet().iterator().next();
        writes.add(new Write(
                all,
                trusted,
                stamp,
                paths.bucket(marker.getKey()),
                marker.getValue().expectedVersion()));
        operations = new ArrayList<>();
        touchedBuckets.clear();
        bytes = 0;
        stamp = new WriteStamp(controllerEpoch, operationIds.getAsLong());
    }

    private static byte[] checked(String path, String what, byte[] data) {
        if (data.length > ZNODE_BYTES_MAX) {
            throw new MetadataException("the znode " + path + " would need " + data.length + " bytes for " + what
                    + "; it may have " + ZNODE_BYTES_MAX
                    + ", so fewer partitions, subscriptions, settings or a shorter configuration are needed");
        }
        return data;
    }
}
