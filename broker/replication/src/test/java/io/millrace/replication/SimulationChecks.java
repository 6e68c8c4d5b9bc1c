package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.LogSamples;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What happened in a simulated cluster, and what must always be so. */
final class SimulationChecks {
    private static final int CHECKED_EVENTS = 8;

    record LogName(PartitionKey partition, LogKind kind) {}

    private record Acknowledged(LogName log, long offset, String value) {}

    /** A replica whose log is opened anew begins another life, with the high watermark that it noted last. */
    private record ReplicaLife(int brokerId, Partition replica, LogKind kind) {}

    private record Term(PartitionKey partition, int leaderEpoch) {}

    private final InMemoryMetadata metadata;
    private final Map<Integer, SimulatedBroker> brokers;
    private final Consumer<String> note;

    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Map<Term, Integer> leaders = new HashMap<>();
    private final Map<LogName, Long> committed = new HashMap<>();
    private final Map<ReplicaLife, Long> lastHighWatermark = new HashMap<>();
    private final CommittedBatches batches = new CommittedBatches();
    private final Map<Integer, Integer> lives = new HashMap<>();
    /** By partition, the broker whose log of it is damaged. */
    private final Map<PartitionKey, Integer> damaged = new HashMap<>();

    /** What has been damaged at some time: it lies there until somebody reads it. */
    private final Map<PartitionKey, Set<Integer>> everDamaged = new HashMap<>();

    private long events;
    private int elections;
    private int repaired;

    /** @param note takes what should be in a report */
    SimulationChecks(InMemoryMetadata metadata, Map<Integer, SimulatedBroker> brokers, Consumer<String> note) {
        this.metadata = metadata;
        this.brokers = brokers;
        this.note = note;
    }

    private SimulatedBroker broker(int brokerId) {
        return brokers.get(brokerId);
    }

    int repairedCount() {
        return repaired;
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    long eventCount() {
        return events;
    }

    int electionCount() {
        return elections;
    }

    // ---- what happens

    void onStart(int brokerId) {
        lives.merge(brokerId, 1, Integer::sum);
    }

    void onDamaged(PartitionKey key, int brokerId) {
        damaged.put(key, brokerId);
        everDamaged.computeIfAbsent(key, missing -> new HashSet<>()).add(brokerId);
    }

    boolean isAnyDamaged() {
        return !damaged.isEmpty();
    }

    void onAcknowledged(PartitionKey key, LogKind kind, long baseOffset, String[] values) {
        var log = new LogName(key, kind);
        for (int i = 0; i < values.length; i++) {
            acknowledged.add(new Acknowledged(log, baseOffset + i, values[i]));
        }
        committed.merge(log, baseOffset + values.length, Math::max);
    }

    void onLeader(int brokerId, Partition partition, int leaderEpoch) {
        elections++;
        note.accept("broker " + brokerId + " leads " + partition + " in epoch " + leaderEpoch);
        if (damaged.getOrDefault(partition.key(), 0) == brokerId) {
            throw new AssertionError("broker " + brokerId + " leads " + partition + " with a damaged log");
        }
        int life = brokerId * 1_000 + lives.get(brokerId);
        Integer before = leaders.put(new Term(partition.key(), leaderEpoch), life);
        assertThat(before)
                .as("who led %s in epoch %d before broker %d does", partition, leaderEpoch, brokerId)
                .isNull();
    }

    // ---- what must always be so

    /** Checks after some of the events, for all would take most of the time. */
    void afterEvent() {
        events++;
        if (events % CHECKED_EVENTS == 0) {
            check();
        }
    }

    void check() {
        if (metadata.zombieWrites() > 0) {
            throw new AssertionError("a controller that is in office no more has changed the metadata");
        }
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
                long end = broker(candidate).durableEndOffset(key, kind);
                if (end < mustHave) {
                    throw new AssertionError(kind + " of " + key + " is durable up to " + end + " on broker "
                            + candidate + ", which may be elected (" + state + "), but is committed up to " + mustHave);
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
            note.accept("the log of " + key + " on broker " + victim + " is repaired; the state is " + state);
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
            var log = new LogName(partition.key(), kind);
            committed.merge(log, highWatermark, Math::max);
            boolean isWhole =
                    !everDamaged.getOrDefault(partition.key(), Set.of()).contains(brokerId);
            if (isWhole && (before == null || highWatermark > before)) {
                batches.compare(brokerId, log, partition, before == null ? 0 : before);
            }
        }
    }

    boolean isSettled() {
        var image = metadata.image();
        boolean allInSync = image.topicCount() == 3 && image.topics().stream().allMatch(SimulationChecks::isInSync);
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

    void checkThatNothingIsLost() {
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
