package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.InMemoryMetadataStore;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.replication.controller.BrokerHeartbeat;
import io.millrace.replication.controller.BrokerLifecycle;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.ControllerConfiguration;
import io.millrace.replication.controller.ControllerTransport;
import io.millrace.replication.controller.HeartbeatResult;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogSlice;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One broker of a simulation: a disk that outlives it, and one process after the other that runs on it. */
final class SimulatedBroker implements ReplicaTransport, ControllerTransport {
    private static final ControllerConfiguration CONTROLLER =
            new ControllerConfiguration(1, 3, 2, 200, 1_000, 100, 150);

    private final int brokerId;
    private final Simulation simulation;
    private final SimulatedTime time;
    private final Random random;
    private final InMemoryDisk disk = new InMemoryDisk();
    /** Where the logs ended when the last process died. */
    private final Map<PartitionKey, Map<LogKind, Long>> endsAtDeath = new HashMap<>();

    private SimulatedTime.@Nullable Process process;
    private @Nullable LogDirectory directory;
    private @Nullable InMemoryMetadataStore store;
    private @Nullable Replicas replicas;
    private @Nullable Controller controller;
    private @Nullable BrokerLifecycle lifecycle;

    SimulatedBroker(int brokerId, Simulation simulation, SimulatedTime time, Random random) {
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
        directory = LogDirectory.open(
                disk, Path.of("/data"), new LogDirectory.Identity("in-memory-cluster", brokerId), time);
        store = metadata.store(lazyExecutor(life));
        var controllerLoop = time.newLoop(life);
        controller = new Controller(brokerId, store, CONTROLLER, controllerLoop, simulation::newTopicId);
        // Replicas and lifecycle need each other; neither asks before both are there.
        var lifecycleHolder = new BrokerLifecycle[1];
        replicas = new Replicas(
                configuration(),
                directory,
                (topic, kind) -> LogConfiguration.DEFAULT.withSegmentBytes(4 * 1024),
                this,
                change -> lifecycleHolder[0].change(change),
                new ReplicaLoops(time.newLoop(life), List.of(time.newLoop(life), time.newLoop(life))));
        var running = replicas;
        lifecycle =
                new BrokerLifecycle(store, controller, this, CONTROLLER, controllerLoop, running::disownsLeadership);
        lifecycleHolder[0] = lifecycle;
        running.listen(simulation.leadershipOf(brokerId));
        running.start();
        store.listen(running::onImage);
        controller.start();
        lifecycle.start(BrokerRegistration.wanted(
                brokerId, "simulated", brokerId, null, new UUID(random.nextLong(), random.nextLong())));
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
        for (Partition partition : replicas().partitions()) {
            var ends = endsAtDeath.computeIfAbsent(partition.key(), key -> new HashMap<>());
            partition.logKinds().forEach(kind -> ends.put(kind, partition.logEndOffset(kind)));
        }
        java.util.Objects.requireNonNull(process).kill();
        disk.killProcess();
        var ended = store();
        ended.freeze();
        time.after(sessionTimeoutMs, ended::expireSession);
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

    /** The end of a log, of the process or as the last one left it. */
    long logEndOffset(PartitionKey key, LogKind kind) {
        if (isAlive()) {
            var partition = replicas().partition(key);
            if (partition.isPresent() && partition.get().logKinds().contains(kind)) {
                return partition.get().logEndOffset(kind);
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
