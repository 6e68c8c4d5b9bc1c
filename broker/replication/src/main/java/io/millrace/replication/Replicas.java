package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogId;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * All partitions of which this broker holds a replica: follows the cluster image, creates and deletes logs, follows leaders, serves
 * followers.
 *
 * <p>Thread-safe. Images are taken over on one loop of its own ({@code millrace-replicas}), which also opens and deletes logs; partitions
 * live on the partition loops.
 */
public final class Replicas implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Replicas.class.getName());
    private static final long TICK_MS = 200;
    private static final long RESIGN_MS = 1_000;
    private static final long CLOSE_MAX_MS = 10_000;

    private final ReplicasConfiguration configuration;
    private final LogDirectory logs;
    private final BiFunction<TopicImage, LogKind, LogConfiguration> logConfigurations;
    private final ReplicaLoops loops;
    private final FollowerSessions sessions;
    private final ReplicaFetchers fetchers;
    private final InSyncReplicasChanger changer;
    private final List<LeadershipListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<PartitionKey, Partition> partitions = new ConcurrentHashMap<>();
    /** Partitions that have no usable log here, with their last known states. */
    private final Map<PartitionKey, PartitionState> unusable = new ConcurrentHashMap<>();

    private volatile ClusterImage image = ClusterImage.EMPTY;
    private volatile boolean closed;

    /**
     * @param logConfigurations how a topic's configuration and the broker's defaults make the rules of a log
     */
    public Replicas(
            ReplicasConfiguration configuration,
            LogDirectory logs,
            BiFunction<TopicImage, LogKind, LogConfiguration> logConfigurations,
            ReplicaTransport transport,
            InSyncReplicasChanger changer) {
        this(configuration, logs, logConfigurations, transport, changer, ReplicaLoops.threads(configuration.loops()));
    }

    Replicas(
            ReplicasConfiguration configuration,
            LogDirectory logs,
            BiFunction<TopicImage, LogKind, LogConfiguration> logConfigurations,
            ReplicaTransport transport,
            InSyncReplicasChanger changer,
            ReplicaLoops loops) {
        this.configuration = configuration;
        this.logs = logs;
        this.logConfigurations = logConfigurations;
        this.changer = changer;
        this.loops = loops;
        this.sessions = new FollowerSessions(configuration, loops::of, partitions::get);
        this.fetchers =
                new ReplicaFetchers(configuration, loops::of, transport, () -> brokerEpochOf(configuration.brokerId()));
    }

    private long brokerEpochOf(int brokerId) {
        BrokerRegistration broker = image.brokers().get(brokerId);
        return broker == null ? PartitionEnvironment.BrokerEpochs.UNREGISTERED : broker.brokerEpoch();
    }

    /** Before {@link #start}. Listeners are called in the order of their arrival. */
    public void listen(LeadershipListener listener) {
        listeners.add(listener);
    }

    public void start() {
        repeat(TICK_MS, this::tick);
        repeat(RESIGN_MS, this::resignWhereLost);
        repeat(configuration.checkpointIntervalMs(), logs::checkpointAll);
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

    /** Leaves the leaderships of partitions whose logs are lost to others. */
    private void resignWhereLost() {
        unusable.forEach(this::resignIfNamed);
        partitions.forEach((key, partition) -> partition.ledWithoutLog().ifPresent(state -> resignIfNamed(key, state)));
    }

    private void resignIfNamed(PartitionKey key, PartitionState state) {
        if (state.leaderId() == configuration.brokerId()) {
            var others = state.inSyncReplicas().stream()
                    .filter(id -> id != configuration.brokerId())
                    .map(id -> new InSyncReplicasChange.Replica(id, brokerEpochOf(id)))
                    .toList();
            // An answer changes nothing here: the image tells, or it is asked again.
            changer.change(new InSyncReplicasChange(
                    key,
                    configuration.brokerId(),
                    brokerEpochOf(configuration.brokerId()),
                    state.leaderEpoch(),
                    state.partitionEpoch(),
                    others));
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
        newer.deletedTopics(before).forEach(this::delete);
        newer.changedTopics(before).forEach(topic -> takeOver(topic, before.topic(topic.topicId()), isFirst));
        fetchers.onRegistered(newlyRegistered(before, newer));
    }

    private List<Integer> newlyRegistered(ClusterImage before, ClusterImage newer) {
        var registered = new ArrayList<Integer>();
        newer.brokers().forEach((brokerId, broker) -> {
            BrokerRegistration known = before.brokers().get(brokerId);
            boolean isThisBroker = brokerId == configuration.brokerId();
            if (known == null || known.brokerEpoch() != broker.brokerEpoch()) {
                // Once this broker is registered it can follow everybody.
                registered.addAll(isThisBroker ? newer.brokers().keySet() : Set.of(brokerId));
            }
        });
        return registered;
    }

    private void takeOver(TopicImage topic, Optional<TopicImage> before, boolean isFirstImage) {
        boolean isReconfigured = before.map(old -> !old.configuration().equals(topic.configuration()))
                .orElse(true);
        for (int index = 0; index < topic.partitionCount(); index++) {
            PartitionState state = topic.partitions().get(index);
            boolean isChanged =
                    isReconfigured || !before.flatMap(partitionOf(index)).equals(Optional.of(state));
            if (isChanged && topic.assignment().get(index).contains(configuration.brokerId())) {
                var key = new PartitionKey(topic.topicId(), index);
                openIfMissing(key, topic, state, isFirstImage);
                Partition partition = partitions.get(key);
                if (partition != null) {
                    partition.loop().execute(() -> hand(topic, state, isReconfigured, partition));
                }
            }
        }
    }

    private static Function<TopicImage, Optional<PartitionState>> partitionOf(int index) {
        return topic -> topic.partition(index);
    }

    private void hand(TopicImage topic, PartitionState state, boolean isReconfigured, Partition partition) {
        if (isReconfigured) {
            partition.reconfigure(kind -> logConfigurations.apply(topic, kind));
        }
        partition.onState(topic, state);
    }

    private void openIfMissing(PartitionKey key, TopicImage topic, PartitionState state, boolean isFirstImage) {
        if (partitions.containsKey(key)) {
            return;
        }
        try {
            var opened = new EnumMap<LogKind, PartitionLog>(LogKind.class);
            opened.put(LogKind.DATA, open(key, topic, LogKind.DATA));
            if (topic.kind() == DestinationKind.QUEUE) {
                opened.put(LogKind.CURSOR, open(key, topic, LogKind.CURSOR));
            }
            var partition = new Partition(key, topic, opened, environment(loops.of(key.hashCode())));
            if (isFirstImage) {
                partition.disown(state.leaderEpoch());
            }
            unusable.remove(key);
            partitions.put(key, partition);
        } catch (StorageException e) {
            LOGGER.log(
                    Level.ERROR,
                    () -> "Partition " + topic.name() + "-" + key.partition() + " has no usable log here: "
                            + e.getMessage());
            unusable.put(key, state);
        }
    }

    private PartitionLog open(PartitionKey key, TopicImage topic, LogKind kind) {
        return logs.create(logId(key, kind), topic.name(), logConfigurations.apply(topic, kind));
    }

    private static LogId logId(PartitionKey key, LogKind kind) {
        return new LogId(key.topicId(), key.partition(), kind == LogKind.DATA ? LogId.Kind.DATA : LogId.Kind.CURSOR);
    }

    private PartitionEnvironment environment(Loop loop) {
        return new PartitionEnvironment(
                configuration, loop, changer, fetchers, this::brokerEpochOf, new LeadershipListener() {
                    @Override
                    public void onLeader(Partition partition, int leaderEpoch) {
                        listeners.forEach(listener -> listener.onLeader(partition, leaderEpoch));
                    }

                    @Override
                    public void onResigned(Partition partition) {
                        listeners.forEach(listener -> listener.onResigned(partition));
                    }
                });
    }

    private void delete(TopicImage topic) {
        for (int index = 0; index < topic.partitionCount(); index++) {
            var key = new PartitionKey(topic.topicId(), index);
            unusable.remove(key);
            Partition partition = partitions.remove(key);
            if (partition != null) {
                partition.loop().execute(() -> {
                    partition.close("topic " + topic.name() + " was deleted");
                    delete(partition);
                });
            }
        }
    }

    /** On the partition's loop, which owns the logs. */
    private void delete(Partition partition) {
        for (LogKind kind : partition.logKinds()) {
            try {
                logs.delete(logId(partition.key(), kind));
            } catch (StorageException e) {
                LOGGER.log(
                        Level.WARNING,
                        () -> "The log " + kind + " of the deleted partition " + partition + " stays on disk: "
                                + e.getMessage());
            }
        }
    }

    /** Whether this broker is named leader of a partition that it will not lead: the controller should elect anew. */
    public boolean disownsLeadership() {
        return partitions.values().stream().anyMatch(Partition::isDisowned);
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
