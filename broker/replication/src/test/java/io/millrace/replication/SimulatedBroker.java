package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.InMemoryMetadataStore;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.controller.BrokerLifecycle;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.ControllerConfiguration;
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
import io.millrace.storage.PartitionLog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One broker of a simulation: a disk that outlives it, and one process after the other that runs on it. */
final class SimulatedBroker {
    private static final ControllerConfiguration CONTROLLER = ControllerConfiguration.DEFAULTS
            .withHeartbeats(200, 1_000)
            .withPatience(100, 150)
            .withLeaderBalance(new LeaderBalance(true, 3_000, 10));

    /** Nothing is too old, for clocks jump. */
    private static final LogConfiguration LOGS = LogConfiguration.DEFAULT
            .withSegmentBytes(4 * 1024)
            .withRetention(LogConfiguration.UNLIMITED, LogConfiguration.UNLIMITED);
    /** So small that files are recycled and some appends go past it. */
    private static final JournalConfiguration JOURNAL = new JournalConfiguration(16 * 1024, 3, 1_000, 4 * 1024);

    private static final Path JOURNAL_DIRECTORY = Path.of("/j");
    private static final List<Path> FAILING = List.of(Path.of("/a"), Path.of("/b"), JOURNAL_DIRECTORY);
    /** {@code topic-partition.topicId}, {@code -cursor} behind it, and what says that it is to be deleted. */
    private static final Pattern LOG_DIRECTORY = Pattern.compile("(.+)-(\\d+)\\.([0-9a-f-]{36})(-cursor)?.*");

    private static final List<Path> CLEAN_MARKS = List.of(Path.of("/a/clean-shutdown"), Path.of("/b/clean-shutdown"));

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
    private boolean isFailing;
    /** Whether the next process can tell, however this one ends, that nothing is missing. */
    private boolean isNoted;

    /** Where the logs ended when the last process died. */
    private final Map<PartitionKey, Map<LogKind, Long>> endsAtDeath = new HashMap<>();

    private SimulatedTime.@Nullable Process process;
    private @Nullable LogDirectories directory;
    private @Nullable Journal journal;
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
        return Objects.requireNonNull(replicas);
    }

    Controller controller() {
        return Objects.requireNonNull(controller);
    }

    InMemoryMetadataStore store() {
        return Objects.requireNonNull(store);
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
        var transport = new SimulatedTransport(brokerId, simulation);
        var rules = new RulesUnderTest(simulation.brokenRule());
        // Replicas and lifecycle need each other; neither asks before both are there.
        var lifecycleHolder = new BrokerLifecycle[1];
        replicas = new Replicas(
                configuration(),
                directory,
                (topic, kind) -> LOGS.withFlushPolicy(policyOf(topic)),
                rules.transport(transport, this::replicas),
                rules.changer(change -> lifecycleHolder[0].change(change)),
                new ReplicaLoops(
                        time.newLoop(life), time.newLoop(life), List.of(time.newLoop(life), time.newLoop(life))));
        var running = replicas;
        lifecycle = new BrokerLifecycle(store, controller, transport, CONTROLLER, controllerLoop, running);
        lifecycleHolder[0] = lifecycle;
        running.onLost(lifecycle::hurry);
        running.listen(simulation.leadershipOf(brokerId));
        var incarnationId = new UUID(random.nextLong(), random.nextLong());
        running.registerAs(incarnationId);
        running.start();
        store.listen(running::onImage);
        controller.start();
        var wanted = BrokerRegistration.wanted(brokerId, "simulated", brokerId, null, incarnationId);
        var lastShutdown =
                directory.isSameBoot() ? LastShutdown.HARMLESS : LastShutdown.marked(directory.cleanShutdownEpoch());
        isNoted = directory.isSameBoot();
        var opened = directory;
        lifecycle.start(wanted, lastShutdown).thenRun(() -> {
            opened.settleStart();
            isNoted = !isFailing && !hasFailedDirectory();
        });
    }

    private void openJournal(SimulatedTime.Process life, LogDirectories directories, InMemoryMetadata metadata) {
        disk.forceThrough(
                simulation.brokenRule() == BrokenRule.SYNC_BEFORE_ACKNOWLEDGEMENT
                        ? time.newWorker(life, FORCE_LATE_MS)
                        : Runnable::run);
        var contents = JournalContents.read(disk, JOURNAL_DIRECTORY);
        journal = Journal.open(
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
     * @param writtenBack partitions whose logs happen to be on the medium
     */
    void losePower(long sessionTimeoutMs, Predicate<PartitionKey> writtenBack) {
        end(sessionTimeoutMs, PartitionLog::durableEndOffset);
        disk.writeBack(path -> partitionOf(path).filter(writtenBack).isPresent());
        losePages();
        isNoted = false;
    }

    private void losePages() {
        if (random.nextInt(3) == 0) {
            disk.losePower();
        } else {
            disk.losePowerAmongPages(random, PAGE_BYTES);
        }
    }

    /** The machine of the dead broker loses its power: of what was not forced nothing stays. */
    void losePower() {
        disk.losePower();
        endsAtDeath.clear();
    }

    /**
     * Ends the process in order, and its session with it. Where that leaves a mark, the power may go, too: nothing is lost then.
     *
     * @param truth what the broker may not have heard yet
     * @return what happened, for a report
     */
    String shutDown(ClusterImage truth) {
        BrokerRegistration own = store().image().brokers().get(brokerId);
        boolean mayLeaveMark = own != null && !own.start().isUnclean() && !hasFailedDirectory();
        end(0, PartitionLog::logEndOffset);
        var directories = Objects.requireNonNull(directory);
        if (mayLeaveMark) {
            directories.shutDown(own.brokerEpoch());
        } else {
            directories.close();
        }
        Objects.requireNonNull(journal).close();
        disk.killProcess();
        if (!mayLeaveMark || !CLEAN_MARKS.stream().allMatch(disk::exists)) {
            return "without a mark";
        }
        if (!own.equals(truth.brokers().get(brokerId)) || random.nextBoolean()) {
            return "in order";
        }
        losePages();
        isNoted = true;
        return "in order, and with its power";
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
        Objects.requireNonNull(process).kill();
        var ended = store();
        ended.freeze();
        time.after(sessionTimeoutMs, ended::expireSession);
    }

    /** Damages a log of the dead broker; empty when there is nothing to damage. */
    Optional<PartitionKey> damage(Predicate<String> topics) {
        return disk.damage(random, segment -> logDirectory(segment)
                        .filter(name -> topics.test(name.group(1)))
                        .isPresent())
                .flatMap(SimulatedBroker::partitionOf);
    }

    private static Optional<Matcher> logDirectory(Path file) {
        Matcher name = LOG_DIRECTORY.matcher(file.getParent().getFileName().toString());
        return name.matches() ? Optional.of(name) : Optional.empty();
    }

    private static Optional<PartitionKey> partitionOf(Path file) {
        return logDirectory(file)
                .map(name -> new PartitionKey(UUID.fromString(name.group(3)), Integer.parseInt(name.group(2))));
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
        isFailing = true;
        Path failing = FAILING.get(random.nextInt(FAILING.size()));
        journalHasFailed |= failing.equals(JOURNAL_DIRECTORY);
        var hit = InMemoryDisk.Operation.values()[random.nextInt(InMemoryDisk.Operation.values().length)];
        disk.failWhen((operation, path) -> operation == hit && path.startsWith(failing));
    }

    void fillDisk() {
        disk.limitTo(disk.usedBytes() + random.nextInt(2_000));
    }

    void healDisk() {
        disk.heal();
        disk.limitTo(Long.MAX_VALUE);
        isFailing = false;
    }

    /** Whether a process that starts now finds what it cannot do without. */
    boolean canStart() {
        return !(isFailing && journalHasFailed);
    }

    /** Whether its logs are all where they should be, and the next process will be able to tell. */
    boolean isCertain() {
        return isNoted && !isFailing && !hasFailedDirectory();
    }

    /** Whether a log directory or the journal may be offline, so that only another process can use it again. */
    boolean hasFailedDirectory() {
        return journalHasFailed || (directory != null && directory.usableCount() < 2);
    }

    void pause(long forMs) {
        Objects.requireNonNull(process).pauseUntil(time.nowMs() + forMs);
    }

    void controlledShutdown(Runnable then) {
        var leaving = process;
        Objects.requireNonNull(lifecycle).controlledShutdown(2_000).thenRun(() -> {
            if (process == leaving && isAlive()) {
                then.run();
            }
        });
    }

    void onConnectionLost(int lostBrokerId) {
        controller().onConnectionLost(lostBrokerId);
        Objects.requireNonNull(lifecycle).onConnectionLost(lostBrokerId);
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
}
