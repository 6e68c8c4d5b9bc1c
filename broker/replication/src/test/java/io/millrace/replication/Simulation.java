package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.controller.NewSubscription;
import io.millrace.replication.controller.NewTopic;
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
    private static final long SETTLE_MAX_MS = 60_000;
    private static final long QUIET_MAX_MS = 10_000;
    private static final int ASKED_EVENTS = 64;

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
    private final SimulationLoad load;
    private final List<String> trace = new ArrayList<>();

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
        this.load = new SimulationLoad(this);
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

    @Override
    public BrokenRule brokenRule() {
        return brokenRule;
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
        return "seed " + seed + ": " + checks.eventCount() + " events, "
                + checks.history().acknowledgedCount() + " acknowledged, "
                + checks.history().deletionCount() + " deletions, " + faults.summary() + ", " + checks.electionCount()
                + " elections, " + checks.repairedCount() + " repaired logs, journal of " + journaled;
    }

    List<String> trace() {
        return trace;
    }

    void note(String event) {
        trace.add(time.nowMs() + " " + event);
    }

    /** Faults for a while, then peace until all is well. */
    void run(long faultyMs) {
        runFaults(faultyMs);
        runUntilAllIsWell();
    }

    /** Checks only what must hold at any time. */
    void runFaults(long faultyMs) {
        brokers.keySet().forEach(this::start);
        createTopic("queue", Map.of("destination.kind", "queue", "min.insync.replicas", "2"), 2);
        createTopic("topic", Map.of("min.insync.replicas", "2"), 2);
        createTopic("single", Map.of("min.insync.replicas", "1"), 1);
        if (Math.floorMod(seed, 4) == 2) {
            subscribe("topic", 300 + Math.floorMod(seed * 31, 4_000));
            subscribe("single", 300 + Math.floorMod(seed * 37, 4_000));
        }
        time.after(5, load::begin);
        time.afterEvent(checks::afterEvent);
        time.after(300, faults::begin);
        time.after(1_000, faults::moveForEver);
        network.repeat(random.nextInt(2) == 0 ? 0.05 : 0);
        network.lose(random.nextInt(3) == 0 ? 0.02 : 0);
        time.runUntil(time.nowMs() + faultyMs, () -> false);
    }

    private void runUntilAllIsWell() {
        faults.heal();
        // What a broker tells its operators where a partition waits for it alone.
        time.after(SETTLE_MAX_MS / 2, () -> checks.lastOfTheirPartitions().forEach(faults::startAgain));
        boolean settled = time.runUntil(time.nowMs() + SETTLE_MAX_MS, checks::isSettled);
        assertThat(settled)
                .as("all replicas are in sync again a minute after the last fault, but %s", checks.unsettled())
                .isTrue();
        load.end();
        // Asked now and then only, for the answer is long in the making.
        time.runUntil(time.nowMs() + QUIET_MAX_MS, () -> checks.eventCount() % ASKED_EVENTS == 0 && checks.isQuiet());
        assertThat(checks.uncommitted())
                .as("what is not committed ten seconds after the last record")
                .isEmpty();
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

    /** From its first subscription on a topic has cursor logs, which load is put on, too. */
    private void subscribe(String topicName, long afterMs) {
        var wanted =
                new NewSubscription(topicName, new Subscription.Identity("", "audit", true), true, "", false, false);
        time.after(afterMs, () -> {
            boolean isThere = metadata.image()
                    .topic(topicName)
                    .filter(TopicImage::hasCursors)
                    .isPresent();
            if (!isThere) {
                note("topic " + topicName + " is to have a subscription");
                brokers.values().stream().filter(SimulatedBroker::isAlive).forEach(each -> each.controller()
                        .createSubscription(wanted));
                subscribe(topicName, 50);
            }
        });
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
}
