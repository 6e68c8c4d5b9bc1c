package io.millrace.replication;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The replicas that this broker holds: they come and go with the image, lose their logs, and begin anew.
 *
 * <p>Owned by the loop of the replicas; what it holds may be looked up from any thread.
 */
final class HeldReplicas {
    private final ReplicasConfiguration configuration;
    /** Written by the main loop, read by those of the partitions. */
    private volatile long movingBytesPerSecond;

    private final ReplicaLoops loops;
    private final ReplicaLogs logs;
    private final OwnRegistration own;
    private final BiFunction<Loop, PartitionEnvironment.Losses, PartitionEnvironment> environments;
    private final LostReplicas lost;
    private final ReplicaRepair repair;
    private final Map<PartitionKey, Partition> partitions = new ConcurrentHashMap<>();

    /** Partitions that have left and whose logs are still here. */
    private final Set<PartitionKey> deleting = new HashSet<>();

    /** Partitions that have ended and begin anew with the same logs and another one. */
    private final Set<PartitionKey> reopening = new HashSet<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    private volatile boolean closed;
    private volatile Runnable onLost = () -> {};

    /** @param environments of the partitions of a loop; losses are told to this */
    HeldReplicas(
            ReplicasConfiguration configuration,
            ReplicaLoops loops,
            ReplicaLogs logs,
            OwnRegistration own,
            BiFunction<Loop, PartitionEnvironment.Losses, PartitionEnvironment> environments) {
        this.configuration = configuration;
        this.movingBytesPerSecond = configuration.movingBytesPerSecond();
        this.loops = loops;
        this.logs = logs;
        this.own = own;
        this.environments = environments;
        this.lost = new LostReplicas(configuration.brokerId());
        this.repair = new ReplicaRepair(loops, lost, logs, key -> image.topic(key.topicId()), this::onRepaired);
    }

    /** Runs whenever replicas have lost their logs. */
    void onLost(Runnable listener) {
        onLost = listener;
    }

    // ---- any thread

    /** The latest image that was taken over. */
    ClusterImage image() {
        return image;
    }

    @Nullable
    Partition get(PartitionKey key) {
        return partitions.get(key);
    }

    /** A view, which goes with time. */
    Collection<Partition> all() {
        return partitions.values();
    }

    LostReplicas lost() {
        return lost;
    }

    // ---- the loop of the replicas

    /** No replica comes or goes any more. From any thread. */
    void end() {
        closed = true;
    }

    /** Takes over a newer image. */
    void takeOver(ClusterImage newer) {
        var before = image;
        image = newer;
        boolean isFirst = before.clusterId().isEmpty();
        own.onImage(newer, isFirst);
        newer.deletedTopics(before).forEach(this::delete);
        newer.changedTopics(before).forEach(topic -> takeOver(topic, before.topic(topic.topicId()), isFirst));
    }

    /** Applies the rules of logs anew, because the broker's defaults have changed. */
    void reconfigure() {
        partitions.forEach((key, partition) -> image.topic(key.topicId()).ifPresent(topic -> partition
                .loop()
                .execute(() -> partition.reconfigure(kind -> logs.configuration(topic, kind)))));
    }

    /** Takes over how fast replicas are filled that are moved here, those that are under way, too. */
    void throttleMoves(long bytesPerSecond) {
        movingBytesPerSecond = bytesPerSecond;
        partitions.forEach((key, partition) -> image.topic(key.topicId())
                .filter(topic -> key.partition() < topic.partitionCount())
                .ifPresent(topic -> partition.loop().execute(() -> throttle(partition, topic))));
    }

    private void takeOver(TopicImage topic, Optional<TopicImage> before, boolean isFirstImage) {
        boolean isReconfigured = before.map(old -> !old.configuration().equals(topic.configuration()))
                .orElse(true);
        for (int index = 0; index < topic.partitionCount(); index++) {
            PartitionState state = topic.partitions().get(index);
            boolean isChanged =
                    isReconfigured || !before.flatMap(partitionOf(index)).equals(Optional.of(state));
            var key = new PartitionKey(topic.topicId(), index);
            if (!isReplicaHere(topic, index)) {
                remove(key, "partition " + topic.name() + "-" + index + " has moved to other brokers");
            } else if (isChanged) {
                reopenIfLogsAreNew(key, topic);
                openIfMissing(key, topic, state, isFirstImage);
                lost.onState(key, state);
                handOver(key, topic, isReconfigured);
                repairIfReleased(key);
            }
        }
    }

    private boolean isReplicaHere(TopicImage topic, int index) {
        return topic.assignment().get(index).contains(configuration.brokerId());
    }

    private void handOver(PartitionKey key, TopicImage topic, boolean isReconfigured) {
        Partition partition = partitions.get(key);
        if (partition != null) {
            PartitionState state = topic.partitions().get(key.partition());
            boolean isDisowned = own.isForEarlierLife();
            partition.loop().execute(() -> {
                if (isDisowned) {
                    partition.disown(state.leaderEpoch());
                }
                hand(topic, state, isReconfigured, partition);
            });
        }
    }

    private static Function<TopicImage, Optional<PartitionState>> partitionOf(int index) {
        return topic -> topic.partition(index);
    }

    private void hand(TopicImage topic, PartitionState state, boolean isReconfigured, Partition partition) {
        if (isReconfigured) {
            partition.reconfigure(kind -> logs.configuration(topic, kind));
        }
        throttle(partition, topic);
        partition.onState(topic, state);
    }

    private void throttle(Partition partition, TopicImage topic) {
        partition.throttle(FetchThrottle.rateOf(
                topic, partition.key().partition(), configuration.brokerId(), movingBytesPerSecond));
    }

    /** A topic has its first subscription, and a leader epoch that begins with it: the replica begins anew with a cursor log, too. */
    private void reopenIfLogsAreNew(PartitionKey key, TopicImage topic) {
        Partition partition = partitions.get(key);
        if (partition != null && !ReplicaLogs.areAllOf(topic, partition.logKinds()) && reopening.add(key)) {
            partition.loop().execute(() -> {
                partition.close("topic " + topic.name() + " has subscriptions now");
                loops.main().execute(() -> reopen(key, partition));
            });
        }
    }

    private void reopen(PartitionKey key, Partition ended) {
        reopening.remove(key);
        Optional<TopicImage> topic = image.topic(key.topicId());
        if (!closed && topic.isPresent() && partitions.remove(key, ended)) {
            openIfMissing(key, topic.get(), topic.get().partitions().get(key.partition()), false);
            handOver(key, topic.get(), true);
        }
    }

    private void openIfMissing(PartitionKey key, TopicImage topic, PartitionState state, boolean isFirstImage) {
        if (partitions.containsKey(key)
                || deleting.contains(key)
                || lost.get(key).isPresent()) {
            return;
        }
        try {
            if (isFirstImage) {
                logs.checkThatNothingIsMissing(key, topic, state, configuration.brokerId());
            }
            add(key, topic, logs.open(key, topic));
        } catch (StorageException e) {
            lose(key, topic.name() + "-" + key.partition(), state, state.leaderEpoch(), e);
        }
    }

    private Partition add(PartitionKey key, TopicImage topic, Map<LogKind, PartitionLog> opened) {
        var partition = new Partition(key, topic, opened, environments.apply(loops.of(key.hashCode()), this::onLost));
        partitions.put(key, partition);
        return partition;
    }

    private void onLost(Partition partition, StorageException reason) {
        int epoch = partition.state().map(PartitionState::leaderEpoch).orElse(Integer.MAX_VALUE);
        loops.executeOnMain(() -> image.topic(partition.key().topicId())
                .filter(topic -> partition.equals(partitions.get(partition.key())))
                .flatMap(topic -> topic.partition(partition.key().partition()))
                .ifPresent(state -> lose(partition.key(), partition.toString(), state, epoch, reason)));
    }

    private void lose(PartitionKey key, String name, PartitionState state, int epoch, StorageException reason) {
        int lostInEpoch = epoch == Integer.MAX_VALUE ? state.leaderEpoch() : epoch;
        lost.add(key, new LostReplicas.Lost(name, state, lostInEpoch, reason));
        onLost.run();
        repairIfReleased(key);
    }

    private void repairIfReleased(PartitionKey key) {
        if (lost.get(key)
                .filter(replica -> replica.isReleased(configuration.brokerId()))
                .isPresent()) {
            repair.begin(key, partitions.get(key));
        }
    }

    /** The replica begins anew, as a follower: no state names it yet. */
    private void onRepaired(PartitionKey key, Map<LogKind, PartitionLog> opened) {
        Optional<TopicImage> topic =
                image.topic(key.topicId()).filter(latest -> isReplicaHere(latest, key.partition()));
        if (lost.remove(key) && topic.isPresent()) {
            add(key, topic.get(), opened);
            handOver(key, topic.get(), true);
        } else if (!partitions.containsKey(key)) {
            logs.delete(key);
        }
    }

    private void delete(TopicImage topic) {
        for (int index = 0; index < topic.partitionCount(); index++) {
            remove(new PartitionKey(topic.topicId(), index), "topic " + topic.name() + " was deleted");
        }
    }

    private void remove(PartitionKey key, String why) {
        boolean isLost = lost.remove(key);
        Partition partition = partitions.remove(key);
        if (partition != null) {
            deleting.add(key);
            partition.loop().execute(() -> {
                // The partition's loop owns the logs.
                partition.close(why);
                logs.delete(key);
                loops.main().execute(() -> onDeleted(key));
            });
        } else if (isLost) {
            logs.delete(key);
        }
    }

    /** A partition that has come back meanwhile begins anew. */
    private void onDeleted(PartitionKey key) {
        deleting.remove(key);
        Optional<TopicImage> topic =
                image.topic(key.topicId()).filter(latest -> isReplicaHere(latest, key.partition()));
        if (topic.isPresent() && !closed) {
            openIfMissing(key, topic.get(), topic.get().partitions().get(key.partition()), false);
            handOver(key, topic.get(), true);
        }
    }
}
