package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.InMemoryMetadataStore;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.replication.controller.BrokerHeartbeat;
import io.millrace.replication.controller.BrokerLifecycle;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.ControllerConfiguration;
import io.millrace.replication.controller.ControllerTransport;
import io.millrace.replication.controller.HeartbeatResult;
import io.millrace.replication.controller.LeaderBalance;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.Journal;
import io.millrace.storage.JournalConfiguration;
import io.millrace.storage.JournalContents;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogDirectoriesConfiguration;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** One broker of a simulation: a disk that outlives it, and one process after the other that runs on it. */
final class SimulatedBroker implements ReplicaTransport, ControllerTransport {
    private static final ControllerConfiguration CONTROLLER =
            new ControllerConfiguration(1, 3, 2, 200, 1_000, 100, 150, new LeaderBalance(true, 3_000, 10));

    /** Nothing is too old, for clocks jump. */
    private static final LogConfiguration LOGS = LogConfiguration.DEFAULT
            .withSegmentBytes(4 * 1024)
            .withRetention(LogConfiguration.UNLIMITED, LogConfiguration.UNLIMITED);
    /** So small that files are recycled and some appends go past it. */
    private static final JournalConfiguration JOURNAL = new JournalConfiguration(16 * 1024, 3, 1_000, 4 * 1024);

    private static final Path JOURNAL_DIRECTORY = Path.of("/j");
    private static final List<Path> FAILING = List.of(Path.of("/a"), Path.of("/b"), JOURNAL_DIRECTORY);
    private static final int PAGE_BYTES = 256;
    private static final int ROUND_DELAY_MAX_MS = 12;
    private static final int FORCE_LATE_MS = 200;

    private final int brokerId;
    private final SimulatedCluster simulation;
    private final SimulatedTime time;
    private final Random random;
    private InMemoryDisk disk = new InMemoryDisk();
    private long clockAheadMs;
    private boolean journalHasFailed;
    /** Where the logs ended when the last process died. */
    private final Map<PartitionKey, Map<LogKind, Long>> endsAtDeath = new HashMap<>();

    private SimulatedTime.@Nullable Process process;
    private @Nullable LogDirectories directory;
    private @Nullable InMemoryMetadataStore store;
    private @Nullable Replicas replicas;
    private @Nullable Controller controller;
    private @Nullable BrokerLifecycle lifecycle;

    SimulatedBroker(int brokerId, SimulatedCluster simulation, SimulatedTime time, Random random) {
        this.brokerId = brokerId;
        this.simulation = simulation;
        this.time = time;
        this.random = random;
    }

    boolean isAlive() {
        return process != null && !process.isDead();
    }

    Replicas replicas() {
        return java.util.Objects.requireNonNull(replicas);
    }

    Controller controller() {
        return java.util.Objects.requireNonNull(controller);
    }

    InMemoryMetadataStore store() {
        return java.util.Objects.requireNonNull(store);
    }

    void start(InMemoryMetadata metadata) {
        var life = new SimulatedTime.Process();
        process = life;
        directory = LogDirectories.open(
                disk,
                LogDirectoriesConfiguration.of(Path.of("/a"), Path.of("/b")),
                new LogDirectory.Identity("in-memory-cluster", brokerId),
                () -> time.instant().plusMillis(clockAheadMs));
        journalHasFailed = false;
        openJournal(life, directory, metadata);
        store = metadata.store(lazyExecutor(life));
        var controllerLoop = time.newLoop(life);
        controller = new Controller(brokerId, store, CONTROLLER, controllerLoop, simulation::newTopicId);
        var rules = new RulesUnderTest(simulation.brokenRule());
        // Replicas and lifecycle need each other; neither asks before both are there.
        var lifecycleHolder = new BrokerLifecycle[1];
        replicas = new Replicas(
                configuration(),
                directory,
                (topic, kind) -> LOGS.withFlushPolicy(policyOf(topic)),
                rules.transport(this, this::replicas),
                rules.changer(change -> lifecycleHolder[0].change(change)),
                new ReplicaLoops(
                        time.newLoop(life), time.newLoop(life), List.of(time.newLoop(life), time.newLoop(life))));
        var running = replicas;
        lifecycle = new BrokerLifecycle(store, controller, this, CONTROLLER, controllerLoop, running);
        lifecycleHolder[0] = lifecycle;
        running.onLost(lifecycle::hurry);
        running.listen(simulation.leadershipOf(brokerId));
        running.start();
        store.listen(running::onImage);
        controller.start();
        var wanted = BrokerRegistration.wanted(
                brokerId, "simulated", brokerId, null, new UUID(random.nextLong(), random.nextLong()));
        var lastShutdown =
                directory.isSameBoot() ? LastShutdown.HARMLESS : LastShutdown.marked(directory.cleanShutdownEpoch());
        lifecycle.start(wanted, lastShutdown).thenRun(directory::settleStart);
    }

    private void openJournal(SimulatedTime.Process life, LogDirectories directories, InMemoryMetadata metadata) {
        disk.forceThrough(
                simulation.brokenRule() == BrokenRule.SYNC_BEFORE_ACKNOWLEDGEMENT
                        ? time.newWorker(life, FORCE_LATE_MS)
                        : Runnable::run);
        var contents = JournalContents.read(disk, JOURNAL_DIRECTORY);
        var journal = Journal.open(
                disk,
                JOURNAL_DIRECTORY,
                JOURNAL,
                contents,
                time.newWorker(life, ROUND_DELAY_MAX_MS),
                time.newWorker(life, ROUND_DELAY_MAX_MS));
        directories.use(journal, contents);
        directories.recover(id -> LOGS.withFlushPolicy(metadata.image()
                .topic(id.topicId())
                .map(SimulatedBroker::policyOf)
                .orElse(FlushPolicy.OS)));
    }

    static FlushPolicy policyOf(TopicImage topic) {
        return "journal".equals(topic.configuration().get("flush.policy")) ? FlushPolicy.JOURNAL : FlushPolicy.OS;
    }

    private ReplicasConfiguration configuration() {
        return new ReplicasConfiguration(brokerId, 2, 1_000, 2, 300, 64 * 1024, 1_024, 20, 500, 700, 60_000);
    }

    /** In order, each after a delay of its own. */
    private Executor lazyExecutor(SimulatedTime.Process life) {
        long[] last = {0};
        return task -> {
            long at = Math.max(last[0], time.nowMs() + 1 + random.nextInt(random.nextInt(20) == 0 ? 200 : 8));
            last[0] = at;
            time.after(at - time.nowMs(), () -> {
                if (!life.isDead()) {
                    task.run();
                }
            });
        };
    }

    /** Ends the process as a kill does: what was written stays. Its session ends later. */
    void crash(long sessionTimeoutMs) {
        end(sessionTimeoutMs, PartitionLog::logEndOffset);
        disk.killProcess();
    }

    /**
     * Ends the process with the power: of what was not forced, any page may be lost.
     *
     * @param writtenBack topics whose logs happen to be on the medium
     */
    void losePower(long sessionTimeoutMs, Predicate<String> writtenBack) {
        end(sessionTimeoutMs, PartitionLog::durableEndOffset);
        disk.writeBack(path -> !path.startsWith(JOURNAL_DIRECTORY)
                && writtenBack.test(path.getName(1).toString().replaceFirst("-.*", "")));
        if (random.nextInt(3) == 0) {
            disk.losePower();
        } else {
            disk.losePowerAmongPages(random, PAGE_BYTES);
        }
    }

    /** The clock on its wall shows another time from now on. */
    void jumpClock(long byMs) {
        clockAheadMs += byMs;
    }

    private void end(long sessionTimeoutMs, ToLongFunction<PartitionLog> left) {
        for (Partition partition : replicas().partitions()) {
            var ends = endsAtDeath.computeIfAbsent(partition.key(), key -> new HashMap<>());
            partition.logKinds().forEach(kind -> ends.put(kind, left.applyAsLong(partition.rawLog(kind))));
        }
        java.util.Objects.requireNonNull(process).kill();
        var ended = store();
        ended.freeze();
        time.after(sessionTimeoutMs, ended::expireSession);
    }

    /** The machine of the dead broker loses its power: of what was not forced nothing stays. */
    void losePower() {
        disk.losePower();
        endsAtDeath.clear();
    }

    /** Damages a log of the dead broker; empty when there is nothing to damage. */
    Optional<PartitionKey> damage(Predicate<String> topics) {
        return disk.damage(random, segment -> topics.test(topicOf(segment))).map(SimulatedBroker::partitionOf);
    }

    private static String topicOf(Path segment) {
        return segment.getParent().getFileName().toString().replaceFirst("-.*", "");
    }

    private static PartitionKey partitionOf(Path segment) {
        String name = segment.getParent().getFileName().toString().replaceFirst("-cursor$", "");
        int dot = name.lastIndexOf('.');
        return new PartitionKey(
                UUID.fromString(name.substring(dot + 1)),
                Integer.parseInt(name.substring(name.lastIndexOf('-', dot) + 1, dot)));
    }

    /** Changes a byte of each log segment behind an offset of it, also while the broker lives. */
    void damageBeyond(long offset) {
        disk.damageBeyond(offset);
    }

    /** The next process finds an empty disk. */
    void replaceDisk() {
        disk = new InMemoryDisk();
        endsAtDeath.clear();
    }

    /** From now on both of its log directories fail, until {@link #healDisk}. */
    void failDirectories(Predicate<InMemoryDisk.Operation> which) {
        disk.failWhen((operation, path) -> which.test(operation));
    }

    /** From now on one of its log directories fails, until {@link #healDisk}. */
    void failDirectory() {
        Path failing = FAILING.get(random.nextInt(FAILING.size()));
        journalHasFailed = failing.equals(JOURNAL_DIRECTORY);
        var hit = InMemoryDisk.Operation.values()[random.nextInt(InMemoryDisk.Operation.values().length)];
        disk.failWhen((operation, path) -> operation == hit && path.startsWith(failing));
    }

    /** Where there is no room for a round, the journal fails until it is opened anew. */
    void fillDisk(boolean isJournalUsed) {
        journalHasFailed |= isJournalUsed;
        disk.limitTo(disk.usedBytes() + random.nextInt(2_000));
    }

    void healDisk() {
        disk.heal();
        disk.limitTo(Long.MAX_VALUE);
    }

    /** Whether a log directory or the journal may be offline, so that only another process can use it again. */
    boolean hasFailedDirectory() {
        return journalHasFailed || (directory != null && directory.usableCount() < 2);
    }

    void pause(long forMs) {
        java.util.Objects.requireNonNull(process).pauseUntil(time.nowMs() + forMs);
    }

    void controlledShutdown(Runnable then) {
        var leaving = process;
        java.util.Objects.requireNonNull(lifecycle).controlledShutdown(2_000).thenRun(() -> {
            if (process == leaving && isAlive()) {
                then.run();
            }
        });
    }

    void onConnectionLost(int lostBrokerId) {
        controller().onConnectionLost(lostBrokerId);
        java.util.Objects.requireNonNull(lifecycle).onConnectionLost(lostBrokerId);
    }

    /** Up to where a log is kept as its policy asks, by the process or as the last one left it. */
    long durableEndOffset(PartitionKey key, LogKind kind) {
        if (isAlive()) {
            var partition = replicas().partition(key);
            if (partition.isPresent() && partition.get().logKinds().contains(kind)) {
                return partition.get().rawLog(kind).durableEndOffset();
            }
        }
        return endsAtDeath.getOrDefault(key, Map.of()).getOrDefault(kind, 0L);
    }

    // ---- to other brokers

    @Override
    public CompletableFuture<ReplicaFetchResult> fetch(int leaderId, ReplicaFetch fetch) {
        return simulation
                .network()
                .call(
                        brokerId,
                        leaderId,
                        "fetch",
                        () -> simulation
                                .broker(leaderId)
                                .replicas()
                                .replicaFetch(fetch)
                                .thenApply(SimulatedBroker::read),
                        ReplicaFetchResult::release);
    }

    private static ReplicaFetchResult read(ReplicaFetchAnswer answer) {
        var logs = answer.logs().stream()
                .map(log -> new FetchedLog(
                        log.partition(),
                        log.kind(),
                        log.errorCode(),
                        log.highWatermark(),
                        log.logStartOffset(),
                        log.divergence(),
                        log.slice().map(SimulatedBroker::bytes).orElse(Unpooled.EMPTY_BUFFER)))
                .toList();
        answer.close();
        return new ReplicaFetchResult(answer.errorCode(), answer.sessionId(), logs);
    }

    private static io.netty.buffer.ByteBuf bytes(LogSlice slice) {
        var pooled = slice.toByteBuf(ByteBufAllocator.DEFAULT);
        var heap = Unpooled.copiedBuffer(pooled);
        pooled.release();
        return heap;
    }

    @Override
    public CompletableFuture<HeartbeatResult> heartbeat(int controllerId, BrokerHeartbeat heartbeat) {
        return simulation
                .network()
                .call(
                        brokerId,
                        controllerId,
                        "",
                        () -> simulation.broker(controllerId).controller().heartbeat(heartbeat),
                        dropped -> {});
    }

    @Override
    public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(
            int controllerId, InSyncReplicasChange change) {
        return simulation
                .network()
                .call(
                        brokerId,
                        controllerId,
                        "",
                        () -> simulation.broker(controllerId).controller().changeInSyncReplicas(change),
                        dropped -> {});
    }
}
