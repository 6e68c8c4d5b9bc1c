package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.CleanableLog;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogId;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All partitions of which this broker holds a replica: follows the cluster image, creates and deletes logs, follows leaders, serves
 * followers.
 *
 * <p>Thread-safe. Images are taken over on one loop of its own ({@code millrace-replicas}), which also opens and deletes logs; partitions
 * live on the partition loops.
 */
public final class Replicas implements ReplicaReport, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Replicas.class.getName());
    private static final long TICK_MS = 200;
    private static final long CLOSE_MAX_MS = 10_000;

    private final ReplicasConfiguration configuration;
    private final LogDirectories directories;
    private final ReplicaLogs logs;
    private final ReplicaLoops loops;
    private final FollowerSessions sessions;
    private final ReplicaFetchers fetchers;
    private final InSyncReplicasChanger changer;
    private final List<LeadershipListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<PartitionKey, Partition> partitions = new ConcurrentHashMap<>();
    private final LostReplicas lost;
    private final ReplicaRepair repair;

    /** Partitions that have left and whose logs are still here. Owned by the main loop. */
    private final Set<PartitionKey> deleting = new HashSet<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    /** Of this process; none where nobody said. */
    private volatile @Nullable UUID incarnationId;
    /** Whether an image has shown this process registered. */
    private boolean isKnown = true;
    /** Whether leaderships that the present image names may be meant for an earlier life of this broker. */
    private boolean isForEarlierLife;

    private volatile boolean closed;
    private volatile Runnable onLost = () -> {};

    /**
     * @param logConfigurations how a topic's configuration and the broker's defaults make the rules of a log
     */
    public Replicas(
            ReplicasConfiguration configuration,
            LogDirectories directories,
            BiFunction<TopicImage, LogKind, LogConfiguration> logConfigurations,
            ReplicaTransport transport,
            InSyncReplicasChanger changer) {
        this(
                configuration,
                directories,
                logConfigurations,
                transport,
                changer,
                ReplicaLoops.threads(configuration.loops()));
    }

    Replicas(
            ReplicasConfiguration configuration,
            LogDirectories directories,
            BiFunction<TopicImage, LogKind, LogConfiguration> logConfigurations,
            ReplicaTransport transport,
            InSyncReplicasChanger changer,
            ReplicaLoops loops) {
        this.configuration = configuration;
        this.directories = directories;
        this.logs = new ReplicaLogs(directories, logConfigurations);
        this.changer = changer;
        this.loops = loops;
        this.sessions = new FollowerSessions(configuration, loops::of, partitions::get);
        this.fetchers =
                new ReplicaFetchers(configuration, loops::of, transport, () -> brokerEpochOf(configuration.brokerId()));
        this.lost = new LostReplicas(configuration.brokerId());
        this.repair = new ReplicaRepair(loops, lost, logs, key -> image.topic(key.topicId()), this::onRepaired);
    }

    private long brokerEpochOf(int brokerId) {
        BrokerRegistration broker = image.brokers().get(brokerId);
        boolean isEarlierLife = brokerId == configuration.brokerId() && !isOwnRegistrationIn(image);
        return broker == null || isEarlierLife ? PartitionEnvironment.BrokerEpochs.UNREGISTERED : broker.brokerEpoch();
    }

    /**
     * This process registers, or will, under an incarnation. Leaderships that were decided before the cluster knows it were meant for an earlier life
     * of this broker and are disowned, however late they are heard of. To be called before the first image; without it, only what the
     * first image tells is disowned.
     */
    public void registerAs(UUID newIncarnationId) {
        loops.main().execute(() -> {
            incarnationId = newIncarnationId;
            isKnown = false;
        });
    }

    private boolean isOwnRegistrationIn(ClusterImage shown) {
        UUID expected = incarnationId;
        BrokerRegistration own = shown.brokers().get(configuration.brokerId());
        return expected == null || (own != null && own.incarnationId().equals(expected));
    }

    /** Before {@link #start}. Listeners are called in the order of their arrival. */
    public void listen(LeadershipListener listener) {
        listeners.add(listener);
    }

    /** Before {@link #start}. Runs whenever replicas have lost their logs: the controller should hear of it at once. */
    public void onLost(Runnable listener) {
        onLost = listener;
    }

    public void start() {
        directories.listen((directory, why, offline) -> executeUnlessClosed(() -> goOffline(offline, why)));
        repeat(TICK_MS, this::tick);
        repeat(configuration.checkpointIntervalMs(), directories::checkpointAll);
        repeat(configuration.retentionCheckIntervalMs(), this::enforceRetention);
    }

    private void repeat(long intervalMs, Runnable task) {
        loops.main().schedule(intervalMs, () -> {
            if (!closed) {
                try {
                    task.run();
                } finally {
                    repeat(intervalMs, task);
                }
            }
        });
    }

    private void tick() {
        for (Loop loop : loops.all()) {
            loop.execute(() -> {
                long nowMs = loop.nowMs();
                for (Partition partition : partitions.values()) {
                    if (partition.loop() == loop) {
                        partition.tick(nowMs);
                    }
                }
            });
        }
    }

    private void executeUnlessClosed(Runnable task) {
        try {
            loops.main().execute(task);
        } catch (RejectedExecutionException closing) {
            LOGGER.log(Level.DEBUG, () -> "The replicas are closed: " + closing.getMessage());
        }
    }

    private void goOffline(Set<LogId> offline, StorageException why) {
        for (LogId id : offline) {
            Partition partition = partitions.get(new PartitionKey(id.topicId(), id.partition()));
            if (partition != null) {
                partition.loop().execute(() -> partition.goOffline(why));
            }
        }
    }

    private void enforceRetention() {
        partitions.values().forEach(partition -> partition.loop().execute(partition::enforceRetention));
    }

    /** Takes over a newer image; returns at once. */
    public void onImage(ClusterImage newer) {
        if (!closed) {
            loops.main().execute(() -> takeOver(newer));
        }
    }

    private void takeOver(ClusterImage newer) {
        var before = image;
        if (newer == before || newer.clusterId().isEmpty() || closed) {
            return;
        }
        image = newer;
        boolean isFirst = before.clusterId().isEmpty();
        isForEarlierLife = isFirst || !isKnown;
        isKnown = isKnown || isOwnRegistrationIn(newer);
        newer.deletedTopics(before).forEach(this::delete);
        newer.changedTopics(before).forEach(topic -> takeOver(topic, before.topic(topic.topicId()), isFirst));
        fetchers.onRegistered(before.brokers(), newer.brokers());
        if (isFirst && lost.isEmpty()) {
            directories.prove();
        }
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
            boolean isDisowned = isForEarlierLife;
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
        partition.throttle(FetchThrottle.rateOf(topic, partition.key().partition(), configuration));
        partition.onState(topic, state);
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
        var partition = new Partition(key, topic, opened, environment(loops.of(key.hashCode())));
        partitions.put(key, partition);
        return partition;
    }

    private void onLost(Partition partition, StorageException reason) {
        int epoch = partition.state().map(PartitionState::leaderEpoch).orElse(Integer.MAX_VALUE);
        executeUnlessClosed(() -> image.topic(partition.key().topicId())
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

    private PartitionEnvironment environment(Loop loop) {
        return new PartitionEnvironment(
                configuration,
                loop,
                changer,
                fetchers,
                this::brokerEpochOf,
                new ToldLeadership(listeners),
                this::onLost);
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

    @Override
    public boolean disownsLeadership() {
        return partitions.values().stream().anyMatch(Partition::isDisowned);
    }

    @Override
    public List<LostReplica> lostReplicas() {
        return lost.report();
    }

    /** This broker's replica of a partition, whether it leads or follows. */
    public Optional<Partition> partition(PartitionKey key) {
        return Optional.ofNullable(partitions.get(key));
    }

    public Optional<Partition> partition(String topicName, int partition) {
        return image.topic(topicName).flatMap(topic -> partition(new PartitionKey(topic.topicId(), partition)));
    }

    public Collection<Partition> partitions() {
        return List.copyOf(partitions.values());
    }

    /** The logs that are to be compacted where they need it, whether their partitions are led or followed here. */
    public List<CleanableLog> cleanableLogs() {
        return partitions.values().stream()
                .flatMap(partition -> partition.compactedLog().stream())
                .toList();
    }

    /** How many replicas of the topic are here. */
    public int partitionCount(UUID topicId) {
        return (int) partitions.keySet().stream()
                .filter(key -> key.topicId().equals(topicId))
                .count();
    }

    /** Serves a follower; completes when there is something to tell or the follower's wait is over. */
    public CompletableFuture<ReplicaFetchAnswer> replicaFetch(ReplicaFetch fetch) {
        return sessions.fetch(fetch);
    }

    /** Stops leading, following and serving, then closes the loops. Bounded. The log directory stays open. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        fetchers.close();
        var closing = new CountDownLatch(partitions.size());
        for (Partition partition : partitions.values()) {
            partition.loop().execute(() -> {
                partition.close("broker " + configuration.brokerId() + " is stopping");
                closing.countDown();
            });
        }
        sessions.close();
        try {
            if (!closing.await(CLOSE_MAX_MS, TimeUnit.MILLISECONDS)) {
                LOGGER.log(Level.WARNING, () -> closing.getCount() + " partitions were not closed in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.close();
    }
}
