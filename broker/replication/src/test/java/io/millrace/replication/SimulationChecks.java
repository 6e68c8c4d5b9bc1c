package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What happened in a simulated cluster, and what must always be so. */
final class SimulationChecks {
    /** Changes of metadata and of leaders are checked at once, logs after so many events: after each of them it would take most of the time. */
    private static final int CHECKED_EVENTS = 8;

    private static final int TOPICS = 3;

    record LogName(PartitionKey partition, LogKind kind) {}

    /** A replica whose log is opened anew begins another life, with the high watermark that it noted last. */
    private record ReplicaLife(int brokerId, Partition replica, LogKind kind) {}

    private record Term(PartitionKey partition, int leaderEpoch) {}

    /** How far a replica was seen. */
    private record Reached(long highWatermark, long endOffset) {
        static final Reached NOTHING = new Reached(0, 0);
    }

    private final InMemoryMetadata metadata;
    private final Map<Integer, SimulatedBroker> brokers;
    private final Consumer<String> note;

    private final UncertainReplicas uncertain = new UncertainReplicas();
    private final SimulationHistory history = new SimulationHistory();
    private final Map<Term, Integer> leaders = new HashMap<>();
    private final Map<ReplicaLife, Reached> reached = new HashMap<>();
    private final LogMatching matching = new LogMatching();
    private final Map<Integer, Integer> lives = new HashMap<>();
    /** By partition, the broker whose log of it is damaged. */
    private final Map<PartitionKey, Integer> damaged = new HashMap<>();

    /** What has been damaged at some time: it lies there until somebody reads it. */
    private final Map<PartitionKey, Set<Integer>> everDamaged = new HashMap<>();

    private ClusterImage truth = ClusterImage.EMPTY;
    private Map<PartitionKey, PartitionState> states = Map.of();
    private boolean isAllInSync;
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

    long eventCount() {
        return events;
    }

    int electionCount() {
        return elections;
    }

    UncertainReplicas uncertain() {
        return uncertain;
    }

    SimulationHistory history() {
        return history;
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

    /** Whether the log of a broker is damaged and not repaired yet. */
    boolean isDamaged(PartitionKey key, int brokerId) {
        return damaged.getOrDefault(key, 0) == brokerId;
    }

    private boolean wasDamaged(PartitionKey key, int brokerId) {
        return everDamaged.getOrDefault(key, Set.of()).contains(brokerId);
    }

    void onLeader(int brokerId, Partition partition, int leaderEpoch) {
        elections++;
        note.accept("broker " + brokerId + " leads " + partition + " in epoch " + leaderEpoch);
        if (isDamaged(partition.key(), brokerId)) {
            throw new AssertionError("broker " + brokerId + " leads " + partition + " with a damaged log");
        }
        if (uncertain.isLacking(partition.key(), brokerId)) {
            throw new AssertionError(
                    "broker " + brokerId + " leads " + partition + " without what it lost with the power");
        }
        int life = brokerId * 1_000 + lives.get(brokerId);
        Integer before = leaders.put(new Term(partition.key(), leaderEpoch), life);
        assertThat(before)
                .as("who led %s in epoch %d before broker %d does", partition, leaderEpoch, brokerId)
                .isNull();
    }

    // ---- what must always be so

    void afterEvent() {
        events++;
        if (metadata.image() != truth) {
            truth = metadata.image();
            onImage();
        }
        if (events % CHECKED_EVENTS == 0) {
            check();
        }
    }

    private void onImage() {
        if (metadata.zombieWrites() > 0) {
            throw new AssertionError("a controller that is in office no more has changed the metadata");
        }
        states = new HashMap<>();
        for (TopicImage topic : truth.topics()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                states.put(
                        new PartitionKey(topic.topicId(), index),
                        topic.partitions().get(index));
            }
        }
        isAllInSync = truth.topicCount() == TOPICS && truth.topics().stream().allMatch(SimulationChecks::isInSync);
        uncertain.onImage(truth);
    }

    void check() {
        states.forEach((key, state) -> {
            forgetDamageThatWasRepaired(key, state);
            brokers.forEach((id, broker) -> {
                if (broker.isAlive()) {
                    broker.replicas().partition(key).ifPresent(partition -> observe(id, partition));
                }
            });
            for (int candidate : UncertainReplicas.candidates(state)) {
                checkThatItHoldsAll(key, state, candidate);
            }
        });
    }

    private void checkThatItHoldsAll(PartitionKey key, PartitionState state, int candidate) {
        if (uncertain.isLacking(key, candidate)) {
            return;
        }
        for (LogKind kind : LogKind.values()) {
            long mustHave = history.committedEnd(new LogName(key, kind));
            long end = mustHave == 0 ? 0 : broker(candidate).durableEndOffset(key, kind);
            if (end < mustHave) {
                throw new AssertionError(kind + " of " + key + " is durable up to " + end + " on broker " + candidate
                        + ", which may be elected (" + state + "), but is committed up to " + mustHave);
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
        if (uncertain.isBehind(partition.key(), brokerId)) {
            return;
        }
        for (LogKind kind : partition.logKinds()) {
            var log = new LogName(partition.key(), kind);
            var now = new Reached(partition.highWatermark(kind), partition.logEndOffset(kind));
            Reached before = reached.put(new ReplicaLife(brokerId, partition, kind), now);
            if (before != null && now.highWatermark < before.highWatermark) {
                throw new AssertionError("the high watermark of " + kind + " of " + partition + " on broker " + brokerId
                        + " went back from " + before.highWatermark + " to " + now.highWatermark);
            }
            history.onCommitted(log, now.highWatermark);
            history.checkStart(log, brokerId, partition.logStartOffset(kind));
            if (!now.equals(before) && !wasDamaged(partition.key(), brokerId)) {
                var from = before == null ? Reached.NOTHING : before;
                matching.compareCommitted(brokerId, log, partition, from.highWatermark, now.highWatermark);
                matching.compareWritten(brokerId, log, partition, from.endOffset, now.endOffset);
            }
        }
    }

    boolean isSettled() {
        return isAllInSync && brokers.values().stream().allMatch(SimulatedBroker::isAlive);
    }

    /** What is not as it should be when all is well, for a report. */
    List<String> unsettled() {
        var found = new ArrayList<String>();
        brokers.forEach((id, broker) -> {
            if (!broker.isAlive()) {
                found.add("broker " + id + " is down");
            }
        });
        truth.topics().stream()
                .filter(topic -> !isInSync(topic))
                .forEach(topic -> found.add(topic.assignment() + " " + topic));
        return found;
    }

    /** Brokers that alone may lead a partition, and do not. */
    Set<Integer> lastOfTheirPartitions() {
        var found = new TreeSet<Integer>();
        states.values().stream()
                .filter(state -> !state.hasLeader())
                .map(UncertainReplicas::candidates)
                .filter(candidates -> candidates.size() == 1)
                .forEach(found::addAll);
        return found;
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

    /** Whether all replicas have the same end, and their leaders know that all of it is committed. */
    boolean isQuiet() {
        return isSettled() && uncommitted().isEmpty();
    }

    /** Which partitions are not committed up to the end of each replica, for a report. */
    List<String> uncommitted() {
        var found = new ArrayList<String>();
        states.forEach((key, state) -> {
            for (LogKind kind : LogKind.values()) {
                var ends = new TreeMap<Integer, Long>();
                for (int id : replicasOf(key)) {
                    broker(id)
                            .replicas()
                            .partition(key)
                            .filter(partition -> partition.logKinds().contains(kind))
                            .ifPresent(partition -> ends.put(id, partition.logEndOffset(kind)));
                }
                if (kind == LogKind.DATA && ends.size() < replicasOf(key).size()) {
                    found.add("only the brokers " + ends.keySet() + " have a log of " + key + ", " + state);
                }
                long committed = ends.containsKey(state.leaderId()) ? highWatermark(state.leaderId(), key, kind) : 0;
                if (ends.values().stream().anyMatch(end -> end != committed)) {
                    found.add(kind + " of " + key + " is committed up to " + committed + " of " + ends + ", " + state);
                }
            }
        });
        return found;
    }

    private long highWatermark(int brokerId, PartitionKey key, LogKind kind) {
        return broker(brokerId).replicas().partition(key).orElseThrow().highWatermark(kind);
    }

    private List<Integer> replicasOf(PartitionKey key) {
        return truth.topic(key.topicId()).orElseThrow().assignment().get(key.partition());
    }

    void checkThatNothingIsLost() {
        for (PartitionKey key : states.keySet()) {
            List<Integer> replicas = replicasOf(key);
            var whole = new ArrayList<Partition>();
            var suspect = new ArrayList<Partition>();
            for (int id : replicas) {
                var partition = broker(id).replicas().partition(key).orElseThrow();
                (wasDamaged(key, id) ? suspect : whole).add(partition);
            }
            if (!whole.isEmpty()) {
                history.checkThatNothingIsLost(key, whole, suspect);
            }
        }
    }
}
