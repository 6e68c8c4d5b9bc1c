package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.controller.NewTopic;
import io.millrace.replication.controller.ReassignmentOptions;
import io.millrace.replication.controller.ReassignmentWish;
import io.millrace.storage.LogSamples;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A cluster in one thread and virtual time: four brokers with their replicas and controllers, a ZooKeeper, a network and disks, all in
 * memory, under faults that one seed decides. Checks after every few events what must always be so.
 */
final class Simulation implements SimulatedCluster {
    private static final int BROKERS = 4;
    private static final long SESSION_TIMEOUT_MS = 3_000;
    private static final long QUIET_MS = 5_000;

    private record LogName(PartitionKey partition, LogKind kind) {}

    private record Acknowledged(LogName log, long offset, String value) {}

    /** A replica whose log is opened anew begins another life, with the high watermark that it noted last. */
    private record ReplicaLife(int brokerId, Partition replica, LogKind kind) {}

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
    /** By partition, the broker whose log of it is damaged. */
    private final Map<PartitionKey, Integer> damaged = new HashMap<>();

    private int repaired;

    Simulation(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.time = new SimulatedTime(random);
        this.network = new SimulatedNetwork(time, random, id -> broker(id).isAlive());
        for (int id = 1; id <= BROKERS; id++) {
            brokers.put(id, new SimulatedBroker(id, this, time, random));
        }
    }

    @Override
    public SimulatedBroker broker(int brokerId) {
        return brokers.get(brokerId);
    }

    @Override
    public SimulatedNetwork network() {
        return network;
    }

    @Override
    public UUID newTopicId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** What happened, for a report. */
    String summary() {
        return "seed " + seed + ": " + acknowledged.size() + " acknowledged, " + crashes + " crashes, " + elections
                + " elections, " + repaired + " repaired logs";
    }

    List<String> trace() {
        return trace;
    }

    private void note(String event) {
        trace.add(time.nowMs() + " " + event);
    }

    int repairedCount() {
        return repaired;
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
        time.after(1_000, this::moveForEver);
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
        switch (random.nextInt(10)) {
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
            case 6 -> damage(victim);
            case 7 -> failDirectory(victim);
            case 8 -> {
                long forMs = 100 + random.nextInt(2_000);
                note("the disk of broker " + victim + " is full for " + forMs);
                broker.fillDisk();
                time.after(forMs, broker::healDisk);
            }
            default -> {
                note("broker " + victim + " shuts down");
                broker.controlledShutdown(() -> crash(victim, 500));
            }
        }
    }

    /** Changes a byte on the disk of one broker, while all others are known to have what is lost by that. */
    private void damage(int victim) {
        if (!damaged.isEmpty() || !isSettled()) {
            return;
        }
        crash(victim, random.nextInt(3) == 0 ? 10 : 200 + random.nextInt(3_000));
        // Where one replica may be in sync alone, nobody remembers that others have the same.
        broker(victim).damage(topic -> !topic.equals("single")).ifPresent(key -> {
            note("a log of " + key + " on broker " + victim + " is damaged");
            damaged.put(key, victim);
        });
    }

    /** The broker goes on with the other directory until it is started anew, and sometimes even starts without the one that fails. */
    private void failDirectory(int victim) {
        note("a log directory of broker " + victim + " fails");
        broker(victim).failDirectory();
        if (random.nextInt(3) == 0) {
            time.after(random.nextInt(500), () -> {
                if (broker(victim).isAlive()) {
                    kill(victim, 10);
                }
            });
        }
        time.after(500 + random.nextInt(3_000), () -> {
            broker(victim).healDisk();
            if (broker(victim).isAlive() && broker(victim).hasFailedDirectory()) {
                crash(victim, 10);
            }
        });
    }

    /** Partitions move, turn round and stop moving while everything else goes on. */
    private void moveForEver() {
        if (disturbing) {
            var topics = new ArrayList<>(metadata.image().topics());
            if (!topics.isEmpty()) {
                topics.sort(Comparator.comparing(TopicImage::name));
                move(topics.get(random.nextInt(topics.size())));
            }
            time.after(100 + random.nextInt(1_500), this::moveForEver);
        }
    }

    private void move(TopicImage topic) {
        var target = new ArrayList<>(brokers.keySet());
        Collections.shuffle(target, random);
        var replicas = target.subList(0, 2 + random.nextInt(2));
        int partition = random.nextInt(topic.partitionCount());
        var wish = new ReassignmentWish(
                topic.name(), partition, random.nextInt(4) == 0 ? Optional.empty() : Optional.of(replicas));
        note("moving " + topic.name() + "-" + partition + " to " + wish.target());
        var options = new ReassignmentOptions(true, random.nextInt(3) == 0 ? 50_000 : 0);
        brokers.values().stream().filter(SimulatedBroker::isAlive).forEach(each -> each.controller()
                .reassign(List.of(wish), options));
    }

    private void crash(int victim, long downMs) {
        broker(victim).healDisk();
        kill(victim, downMs);
    }

    private void kill(int victim, long downMs) {
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
                    broker.healDisk();
                    if (broker.isAlive() && broker.hasFailedDirectory()) {
                        crash(id, 10);
                    } else if (!broker.isAlive()) {
                        start(id);
                    } else {
                        broker.store().reconnect();
                    }
                }));
        disturbing = false;
    }

    // ---- what must always be so

    @Override
    public LeadershipListener leadershipOf(int brokerId) {
        return new LeadershipListener() {
            @Override
            public void onLeader(Partition partition, int leaderEpoch) {
                elections++;
                note("broker " + brokerId + " leads " + partition + " in epoch " + leaderEpoch);
                if (damaged.getOrDefault(partition.key(), 0) == brokerId) {
                    throw new AssertionError("broker " + brokerId + " leads " + partition + " with a damaged log");
                }
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
        forgetDamageThatWasRepaired(key, state);
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

    private void forgetDamageThatWasRepaired(PartitionKey key, PartitionState state) {
        Integer victim = damaged.get(key);
        if (victim != null
                && broker(victim).isAlive()
                && broker(victim).replicas().partition(key).isPresent()) {
            repaired++;
            damaged.remove(key);
            note("the log of " + key + " on broker " + victim + " is repaired; the state is " + state);
        }
    }

    private void observe(int brokerId, Partition partition) {
        for (LogKind kind : partition.logKinds()) {
            long highWatermark = partition.highWatermark(kind);
            var replicaLife = new ReplicaLife(brokerId, partition, kind);
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
        boolean allInSync = image.topicCount() == 3 && image.topics().stream().allMatch(Simulation::isInSync);
        return allInSync && brokers.values().stream().allMatch(SimulatedBroker::isAlive);
    }

    private static boolean isInSync(TopicImage topic) {
        for (int index = 0; index < topic.partitionCount(); index++) {
            PartitionState state = topic.partitions().get(index);
            int replicas = topic.assignment().get(index).size();
            if (!state.hasLeader() || state.inSyncReplicas().size() != replicas) {
                return false;
            }
        }
        return topic.reassignments().isEmpty();
    }

    private void checkThatNothingIsLost() {
        var contents = new HashMap<LogName, Map<Long, String>>();
        for (TopicImage topic : metadata.image().topics()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                var key = new PartitionKey(topic.topicId(), index);
                List<Integer> replicas = topic.assignment().get(index);
                for (LogKind kind : broker(replicas.get(0))
                        .replicas()
                        .partition(key)
                        .orElseThrow()
                        .logKinds()) {
                    contents.put(new LogName(key, kind), sameOnAllReplicas(key, kind, replicas));
                }
            }
        }
        for (Acknowledged each : acknowledged) {
            assertThat(contents.get(each.log))
                    .as("acknowledged record at offset %d of %s", each.offset, each.log)
                    .containsEntry(each.offset, each.value);
        }
    }

    private Map<Long, String> sameOnAllReplicas(PartitionKey key, LogKind kind, List<Integer> replicas) {
        var bytes = new ArrayList<String>();
        var values = new ArrayList<String>();
        for (int replica : replicas) {
            var partition = broker(replica).replicas().partition(key).orElseThrow();
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

    static void read(Partition partition, LogKind kind, Consumer<ByteBuf> consumer) {
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
