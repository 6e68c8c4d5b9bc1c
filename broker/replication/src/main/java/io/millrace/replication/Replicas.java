package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.CleanableLog;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogId;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

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
    private final ReplicaLoops loops;
    private final FollowerSessions sessions;
    private final ReplicaFetchers fetchers;
    private final InSyncReplicasChanger changer;
    private final List<LeadershipListener> listeners = new CopyOnWriteArrayList<>();
    private final OwnRegistration own;
    private final HeldReplicas held;

    private volatile boolean closed;

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
        this.changer = changer;
        this.loops = loops;
        this.own = new OwnRegistration(configuration.brokerId());
        this.held = new HeldReplicas(
                configuration, loops, new ReplicaLogs(directories, logConfigurations), own, this::environment);
        this.sessions = new FollowerSessions(configuration, loops::of, held::get);
        this.fetchers =
                new ReplicaFetchers(configuration, loops::of, transport, () -> brokerEpochOf(configuration.brokerId()));
    }

    private PartitionEnvironment environment(Loop loop, PartitionEnvironment.Losses losses) {
        return new PartitionEnvironment(
                configuration, loop, changer, fetchers, this::brokerEpochOf, new ToldLeadership(listeners), losses);
    }

    private long brokerEpochOf(int brokerId) {
        if (brokerId == configuration.brokerId()) {
            return own.brokerEpoch();
        }
        BrokerRegistration broker = held.image().brokers().get(brokerId);
        return broker == null ? PartitionEnvironment.BrokerEpochs.UNREGISTERED : broker.brokerEpoch();
    }

    /**
     * This process registers, or will, under an incarnation. Leaderships that were decided before the cluster knows it were meant for an earlier life
     * of this broker and are disowned, however late they are heard of. To be called before the first image; without it, only what the
     * first image tells is disowned.
     */
    public void registerAs(UUID newIncarnationId) {
        loops.main().execute(() -> own.expect(newIncarnationId));
    }

    /** Before {@link #start}. Listeners are called in the order of their arrival. */
    public void listen(LeadershipListener listener) {
        listeners.add(listener);
    }

    /** Before {@link #start}. Runs whenever replicas have lost their logs: the controller should hear of it at once. */
    public void onLost(Runnable listener) {
        held.onLost(listener);
    }

    public void start() {
        directories.listen((directory, why, offline) -> loops.executeOnMain(() -> goOffline(offline, why)));
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
                for (Partition partition : held.all()) {
                    if (partition.loop() == loop) {
                        partition.tick(nowMs);
                    }
                }
            });
        }
    }

    private void goOffline(Set<LogId> offline, StorageException why) {
        for (LogId id : offline) {
            Partition partition = held.get(new PartitionKey(id.topicId(), id.partition()));
            if (partition != null) {
                partition.loop().execute(() -> partition.goOffline(why));
            }
        }
    }

    private void enforceRetention() {
        held.all().forEach(partition -> partition.loop().execute(partition::enforceRetention));
    }

    /** Takes over a newer image; returns at once. */
    public void onImage(ClusterImage newer) {
        if (!closed) {
            loops.main().execute(() -> takeOver(newer));
        }
    }

    private void takeOver(ClusterImage newer) {
        var before = held.image();
        if (newer == before || newer.clusterId().isEmpty() || closed) {
            return;
        }
        held.takeOver(newer);
        fetchers.onRegistered(before.brokers(), newer.brokers());
        if (before.clusterId().isEmpty() && held.lost().isEmpty()) {
            directories.prove();
        }
    }

    /** Applies the rules of logs anew, because the broker's defaults have changed; returns at once. */
    public void reconfigure() {
        loops.executeOnMain(held::reconfigure);
    }

    /** Changes how many bytes a second may be fetched for replicas that are moved here, where their move does not say. */
    public void throttleMoves(long bytesPerSecond) {
        loops.executeOnMain(() -> held.throttleMoves(bytesPerSecond));
    }

    @Override
    public boolean disownsLeadership() {
        return held.all().stream().anyMatch(Partition::isDisowned);
    }

    @Override
    public List<LostReplica> lostReplicas() {
        return held.lost().report();
    }

    /** This broker's replica of a partition, whether it leads or follows. */
    public Optional<Partition> partition(PartitionKey key) {
        return Optional.ofNullable(held.get(key));
    }

    public Optional<Partition> partition(String topicName, int partition) {
        return held.image().topic(topicName).flatMap(topic -> partition(new PartitionKey(topic.topicId(), partition)));
    }

    public Collection<Partition> partitions() {
        return List.copyOf(held.all());
    }

    /** The logs that are to be compacted where they need it, whether their partitions are led or followed here. */
    public List<CleanableLog> cleanableLogs() {
        return held.all().stream()
                .flatMap(partition -> partition.compactedLog().stream())
                .toList();
    }

    /** How many replicas of the topic are here. */
    public int partitionCount(UUID topicId) {
        return (int) held.all().stream()
                .filter(partition -> partition.key().topicId().equals(topicId))
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
        held.end();
        fetchers.close();
        var closing = new CountDownLatch(held.all().size());
        for (Partition partition : held.all()) {
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
