package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.controller.NewTopic;
import io.millrace.storage.LogSamples;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A cluster in one thread and virtual time: four brokers with their replicas and controllers, a ZooKeeper, a network and disks, all in
 * memory, under faults that one seed decides. Checks after every few events what must always be so.
 */
final class Simulation implements SimulatedCluster {
    private static final int BROKERS = 4;
    private static final long QUIET_MS = 5_000;

    private final long seed;
    private final Random random;
    private final SimulatedTime time;
    private final SimulatedNetwork network;
    private final InMemoryMetadata metadata = new InMemoryMetadata();
    private final Map<Integer, SimulatedBroker> brokers = new TreeMap<>();

    private final SimulationChecks checks = new SimulationChecks(metadata, brokers, this::note);
    /** Topics whose records are acknowledged when they are on the medium. */
    private final Set<String> journaled = new TreeSet<>();

    private final BrokenRule brokenRule;
    private final SimulationFaults faults;
    private final List<String> trace = new ArrayList<>();
    private long valuesMade;
    private boolean producing = true;

    Simulation(long seed) {
        this(seed, BrokenRule.NONE);
    }

    Simulation(long seed, BrokenRule brokenRule) {
        this.brokenRule = brokenRule;
        this.seed = seed;
        this.random = new Random(seed);
        this.time = new SimulatedTime(random);
        this.network = new SimulatedNetwork(time, random, id -> broker(id).isAlive());
        for (int id = 1; id <= BROKERS; id++) {
            brokers.put(id, new SimulatedBroker(id, this, time, random));
        }
        for (String topic : List.of("queue", "topic", "single")) {
            if (random.nextInt(3) > 0) {
                journaled.add(topic);
            }
        }
        this.faults = new SimulationFaults(this, journaled);
        if (brokenRule == BrokenRule.CONTROLLER_EPOCH) {
            metadata.stopFencing();
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

    Map<Integer, SimulatedBroker> brokers() {
        return brokers;
    }

    InMemoryMetadata metadata() {
        return metadata;
    }

    SimulatedTime time() {
        return time;
    }

    Random random() {
        return random;
    }

    SimulationChecks checks() {
        return checks;
    }

    @Override
    public UUID newTopicId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** What happened, for a report. */
    String summary() {
        return "seed " + seed + ": " + checks.eventCount() + " events, " + checks.acknowledgedCount()
                + " acknowledged, " + faults.crashCount() + " crashes, "
                + checks.electionCount() + " elections, " + checks.repairedCount() + " repaired logs, journal of "
                + journaled;
    }

    List<String> trace() {
        return trace;
    }

    void note(String event) {
        trace.add(time.nowMs() + " " + event);
    }

    int repairedCount() {
        return checks.repairedCount();
    }

    int acknowledgedCount() {
        return checks.acknowledgedCount();
    }

    void run(long faultyMs) {
        brokers.keySet().forEach(this::start);
        createTopic("queue", Map.of("destination.kind", "queue", "min.insync.replicas", "2"), 2);
        createTopic("topic", Map.of("min.insync.replicas", "2"), 2);
        createTopic("single", Map.of("min.insync.replicas", "1"), 1);
        time.after(5, this::produceForEver);
        time.afterEvent(checks::afterEvent);
        time.after(300, faults::begin);
        time.after(1_000, faults::moveForEver);
        network.repeat(random.nextInt(2) == 0 ? 0.05 : 0);
        network.lose(random.nextInt(3) == 0 ? 0.02 : 0);
        time.runUntil(time.nowMs() + faultyMs, () -> false);

        faults.heal();
        boolean settled = time.runUntil(time.nowMs() + 60_000, checks::isSettled);
        assertThat(settled)
                .as(
                        "all replicas are in sync again a minute after the last fault; %s",
                        metadata.image().topics())
                .isTrue();
        producing = false;
        // Longer than the longest pause, so that everybody has had the time to fetch the rest.
        time.runUntil(time.nowMs() + QUIET_MS, () -> false);
        checks.check();
        checks.checkThatNothingIsLost();
    }

    void start(int brokerId) {
        note("broker " + brokerId + " starts");
        checks.onStart(brokerId);
        broker(brokerId).start(metadata);
    }

    private void createTopic(String name, Map<String, String> configuration, int partitions) {
        var kept = new HashMap<>(configuration);
        kept.put("flush.policy", journaled.contains(name) ? "journal" : "os");
        var wanted = new NewTopic(name, partitions, 3, List.of(), kept, false);
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
                    checks.onAcknowledged(partition.key(), kind, result.baseOffset(), values);
                }
            });
        }
    }

    // ---- what brokers know of each other

    @Override
    public LeadershipListener leadershipOf(int brokerId) {
        return new LeadershipListener() {
            @Override
            public void onLeader(Partition partition, int leaderEpoch) {
                checks.onLeader(brokerId, partition, leaderEpoch);
            }

            @Override
            public void onResigned(Partition partition) {
                note("broker " + brokerId + " leads " + partition + " no more");
            }
        };
    }

    @Override
    public BrokenRule brokenRule() {
        return brokenRule;
    }
}
