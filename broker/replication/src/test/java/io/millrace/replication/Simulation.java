package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.controller.NewTopic;
import io.millrace.storage.LogSamples;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A cluster in one thread and virtual time: three brokers with their replicas and controllers, a ZooKeeper, a network and disks, all in
 * memory, under faults that one seed decides. Checks after every few events what must always be so.
 */
final class Simulation {
    private static final int BROKERS = 3;
    private static final long SESSION_TIMEOUT_MS = 3_000;
    private static final long QUIET_MS = 5_000;

    private record LogName(PartitionKey partition, LogKind kind) {}

    private record Acknowledged(LogName log, long offset, String value) {}

    private record ReplicaLife(int brokerId, int life, LogName log) {}

    private record Term(PartitionKey partition, int leaderEpoch) {}

    private final long seed;
    private final Random random;
    private final SimulatedTime time;
    private final SimulatedNetwork network;
    private final InMemoryMetadata metadata = new InMemoryMetadata();
    private final Map<Integer, SimulatedBroker> brokers = new TreeMap<>();

    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Map<Term, Integer> leaders = new HashMap<>();
    private final Map<LogName, Long> committed = new HashMap<>();
    private final Map<ReplicaLife, Long> lastHighWatermark = new HashMap<>();
    private final Map<Integer, Integer> lives = new HashMap<>();
    private final List<String> trace = new ArrayList<>();
    private long valuesMade;
    private boolean producing = true;
    private boolean disturbing = true;
    private int crashes;
    private int elections;

    Simulation(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.time = new SimulatedTime(random);
        this.network = new SimulatedNetwork(time, random, id -> broker(id).isAlive());
        for (int id = 1; id <= BROKERS; id++) {
            brokers.put(id, new SimulatedBroker(id, this, time, random));
        }
    }

    SimulatedBroker broker(int brokerId) {
        return brokers.get(brokerId);
    }

    SimulatedNetwork network() {
        return network;
    }

    UUID newTopicId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** What happened, for a report. */
    String summary() {
        return "seed " + seed + ": " + acknowledged.size() + " acknowledged, " + crashes + " crashes, " + elections
                + " elections";
    }

    List<String> trace() {
        return trace;
    }

    private void note(String event) {
        trace.add(time.nowMs() + " " + event);
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    void run(long faultyMs) {
        brokers.keySet().forEach(this::start);
        createTopic("queue", Map.of("destination.kind", "queue", "min.insync.replicas", "2"), 2);
        createTopic("topic", Map.of("min.insync.replicas", "2"), 2);
        createTopic("single", Map.of("min.insync.replicas", "1"), 1);
        time.after(5, this::produceForEver);
        time.after(5, this::watchForEver);
        time.after(300, this::disturbForEver);
        network.lose(random.nextInt(3) == 0 ? 0.02 : 0);
        time.runUntil(time.nowMs() + faultyMs, () -> false);

        heal();
        boolean settled = time.runUntil(time.nowMs() + 60_000, this::isSettled);
        assertThat(settled)
                .as(
                        "all replicas are in sync again a minute after the last fault; %s",
                        metadata.image().topics())
                .isTrue();
        producing = false;
        // Longer than the longest pause, so that everybody has had the time to fetch the rest.
        time.runUntil(time.nowMs() + QUIET_MS, () -> false);
        check();
        checkThatNothingIsLost();
    }

    private void start(int brokerId) {
        note("broker " + brokerId + " starts");
        lives.merge(brokerId, 1, Integer::sum);
        broker(brokerId).start(metadata);
    }

    private void createTopic(String name, Map<String, String> configuration, int partitions) {
        var wanted = new NewTopic(name, partitions, 3, List.of(), configuration, false);
        time.after(50, () -> {
            if (metadata.image().topic(name).isEmpty()) {
                brokers.values().stream().filter(SimulatedBroker::isAlive).forEach(each -> each.controller()
                        .createTopic(wanted));
                createTopic(name, configuration, partitions);
            }
        });
    }

    // ---- load

    private void produceForEver() {
        if (producing) {
            metadata.image().topics().forEach(this::produce);
            time.after(10 + random.nextInt(30), this::produceForEver);
        }
    }

    private void produce(TopicImage topic) {
        for (int index = 0; index < topic.partitionCount(); index++) {
            // Any broker may believe that it leads.
            var believer = broker(1 + random.nextInt(BROKERS));
            var key = new PartitionKey(topic.topicId(), index);
            if (believer.isAlive()) {
                believer.replicas().partition(key).ifPresent(this::append);
            }
        }
    }

    private void append(Partition partition) {
        for (LogKind kind : partition.logKinds()) {
            int records = 1 + random.nextInt(3);
            var values = new String[records];
            for (int i = 0; i < records; i++) {
                values[i] = "value-" + valuesMade++;
            }
            Acks acks = random.nextInt(5) == 0 ? Acks.LEADER : Acks.ALL;
            partition.append(kind, LogSamples.batch(values), acks, 1_000).thenAccept(result -> {
                if (result.isAppended() && acks == Acks.ALL) {
                    for (int i = 0; i < records; i++) {
                        acknowledged.add(new Acknowledged(
                                new LogName(partition.key(), kind), result.baseOffset() + i, values[i]));
                    }
                }
            });
        }
    }

    // ---- faults

    private void disturbForEver() {
        if (disturbing) {
            disturb();
            time.after(50 + random.nextInt(1_200), this::disturbForEver);
        }
    }

    private void disturb() {
        int victim = 1 + random.nextInt(BROKERS);
        int other = 1 + random.nextInt(BROKERS);
        SimulatedBroker broker = broker(victim);
        if (!broker.isAlive()) {
            return;
        }
        switch (random.nextInt(7)) {
            case 0, 1 -> crash(victim, random.nextInt(4) == 0 ? 10 : 200 + random.nextInt(5_000));
            case 2 -> {
                long forMs = 100 + random.nextInt(3_000);
                note("brokers " + victim + " and " + other + " are cut off for " + forMs);
                network.cut(victim, other, forMs);
            }
            case 3 -> {
                long forMs = 50 + random.nextInt(2_500);
                note("broker " + victim + " is paused for " + forMs);
                broker.pause(forMs);
            }
            case 4 -> {
                note("broker " + victim + " loses its session");
                broker.store().expireSession();
            }
            case 5 -> {
                long forMs = 100 + random.nextInt(3_000);
                note("broker " + victim + " loses ZooKeeper for " + forMs);
                var store = broker.store();
                store.disconnect();
                time.after(forMs, store::reconnect);
            }
            default -> {
                note("broker " + victim + " shuts down");
                broker.controlledShutdown(() -> crash(victim, 500));
            }
        }
    }

    private void crash(int victim, long downMs) {
        note("broker " + victim + " crashes for " + downMs);
        crashes++;
        broker(victim).crash(SESSION_TIMEOUT_MS);
        for (SimulatedBroker survivor : brokers.values()) {
            if (survivor.isAlive()) {
                time.after(1 + random.nextInt(10), () -> {
                    if (survivor.isAlive()) {
                        survivor.onConnectionLost(victim);
                    }
                });
            }
        }
        time.after(downMs, () -> {
            if (!broker(victim).isAlive()) {
                start(victim);
            }
        });
    }

    private void heal() {
        note("healing");
        network.heal();
        time.after(
                0,
                () -> brokers.forEach((id, broker) -> {
                    if (!broker.isAlive()) {
                        start(id);
                    } else {
                        broker.store().reconnect();
                    }
                }));
        disturbing = false;
    }

    // ---- what must always be so

    /** Hears who leads on a broker. */
    LeadershipListener leadershipOf(int brokerId) {
        return new LeadershipListener() {
            @Override
            public void onLeader(Partition partition, int leaderEpoch) {
                elections++;
                note("broker " + brokerId + " leads " + partition + " in epoch " + leaderEpoch);
                int life = brokerId * 1_000 + lives.get(brokerId);
                Integer before = leaders.put(new Term(partition.key(), leaderEpoch), life);
                assertThat(before)
                        .as("who led %s in epoch %d before broker %d does", partition, leaderEpoch, brokerId)
                        .isNull();
            }

            @Override
            public void onResigned(Partition partition) {
                note("broker " + brokerId + " leads " + partition + " no more");
            }
        };
    }

    private void watchForEver() {
        check();
        time.after(4, this::watchForEver);
    }

    private void check() {
        ClusterImage truth = metadata.image();
        for (TopicImage topic : truth.topics()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                check(
                        new PartitionKey(topic.topicId(), index),
                        topic.partitions().get(index));
            }
        }
    }

    private void check(PartitionKey key, PartitionState state) {
        for (var entry : brokers.entrySet()) {
            if (entry.getValue().isAlive()) {
                entry.getValue().replicas().partition(key).ifPresent(partition -> observe(entry.getKey(), partition));
            }
        }
        var candidates = new ArrayList<>(state.inSyncReplicas());
        candidates.addAll(state.eligibleLeaderReplicas());
        for (LogKind kind : LogKind.values()) {
            long mustHave = committed.getOrDefault(new LogName(key, kind), 0L);
            for (int candidate : candidates) {
                long end = broker(candidate).logEndOffset(key, kind);
                if (end < mustHave) {
                    throw new AssertionError(kind + " of " + key + " ends at " + end + " on broker " + candidate
                            + ", which may be elected (" + state + "), but is committed up to " + mustHave);
                }
            }
        }
    }

    private void observe(int brokerId, Partition partition) {
        for (LogKind kind : partition.logKinds()) {
            long highWatermark = partition.highWatermark(kind);
            var replicaLife = new ReplicaLife(brokerId, lives.get(brokerId), new LogName(partition.key(), kind));
            Long before = lastHighWatermark.put(replicaLife, highWatermark);
            if (before != null && highWatermark < before) {
                throw new AssertionError("the high watermark of " + kind + " of " + partition + " on broker " + brokerId
                        + " went back from " + before + " to " + highWatermark);
            }
            committed.merge(new LogName(partition.key(), kind), highWatermark, Math::max);
        }
    }

    private boolean isSettled() {
        var image = metadata.image();
        boolean allInSync = image.topicCount() == 3
                && image.topics().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .allMatch(state ->
                                state.hasLeader() && state.inSyncReplicas().size() == BROKERS);
        return allInSync && brokers.values().stream().allMatch(SimulatedBroker::isAlive);
    }

    private void checkThatNothingIsLost() {
        var contents = new HashMap<LogName, Map<Long, String>>();
        for (TopicImage topic : metadata.image().topics()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                var key = new PartitionKey(topic.topicId(), index);
                for (LogKind kind :
                        broker(1).replicas().partition(key).orElseThrow().logKinds()) {
                    contents.put(new LogName(key, kind), sameOnAllReplicas(key, kind));
                }
            }
        }
        for (Acknowledged each : acknowledged) {
            assertThat(contents.get(each.log))
                    .as("acknowledged record at offset %d of %s", each.offset, each.log)
                    .containsEntry(each.offset, each.value);
        }
    }

    private Map<Long, String> sameOnAllReplicas(PartitionKey key, LogKind kind) {
        var bytes = new ArrayList<String>();
        var values = new ArrayList<String>();
        for (SimulatedBroker broker : brokers.values()) {
            var partition = broker.replicas().partition(key).orElseThrow();
            var dump = new StringBuilder();
            values.clear();
            read(partition, kind, batches -> {
                dump.append(ByteBufUtil.hexDump(batches));
                LogSamples.addValues(batches, 0, values);
            });
            bytes.add(dump.toString());
        }
        assertThat(bytes.stream().distinct().count())
                .as("different contents of %s of %s on the replicas", kind, key)
                .isEqualTo(1);
        var byOffset = new HashMap<Long, String>();
        for (String value : values) {
            int colon = value.indexOf(':');
            byOffset.put(Long.parseLong(value.substring(0, colon)), value.substring(colon + 1));
        }
        return byOffset;
    }

    private static void read(Partition partition, LogKind kind, Consumer<ByteBuf> consumer) {
        long offset = partition.logStartOffset(kind);
        while (offset < partition.logEndOffset(kind)) {
            try (LogSlice slice = partition.rawLog(kind).read(offset, 1 << 20, Long.MAX_VALUE, true)) {
                ByteBuf batches = slice.toByteBuf(ByteBufAllocator.DEFAULT);
                try {
                    consumer.accept(batches);
                    var ignored = new ArrayList<String>();
                    offset = LogSamples.addValues(batches, offset, ignored);
                } finally {
                    batches.release();
                }
            } catch (OffsetOutOfRangeException e) {
                throw new AssertionError(e);
            }
        }
    }
}
