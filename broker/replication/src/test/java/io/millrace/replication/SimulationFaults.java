package io.millrace.replication;

import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.UncertainReplicas.Fate;
import io.millrace.replication.controller.ReassignmentOptions;
import io.millrace.replication.controller.ReassignmentWish;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** What goes wrong in a simulated cluster. */
final class SimulationFaults {
    private static final long SESSION_TIMEOUT_MS = 3_000;

    private final Map<Integer, SimulatedBroker> brokers;
    private final InMemoryMetadata metadata;
    private final SimulatedTime time;
    private final SimulatedNetwork network;
    private final Random random;
    private final SimulationChecks checks;
    private final UncertainReplicas uncertain;
    private final Set<String> journaled;
    private final IntConsumer start;
    private final Consumer<String> note;
    private boolean disturbing = true;
    private int crashes;
    private int powerLosses;
    private int shutdowns;

    SimulationFaults(Simulation simulation, Set<String> journaled) {
        this.brokers = simulation.brokers();
        this.metadata = simulation.metadata();
        this.time = simulation.time();
        this.network = simulation.network();
        this.random = simulation.random();
        this.checks = simulation.checks();
        this.uncertain = checks.uncertain();
        this.journaled = journaled;
        this.start = simulation::start;
        this.note = simulation::note;
    }

    String summary() {
        return crashes + " crashes, " + powerLosses + " losses of power, " + shutdowns + " shutdowns in order";
    }

    private SimulatedBroker broker(int brokerId) {
        return brokers.get(brokerId);
    }

    void begin() {
        if (disturbing) {
            disturb();
            time.after(50 + random.nextInt(1_200), this::begin);
        }
    }

    private void disturb() {
        int victim = 1 + random.nextInt(brokers.size());
        int other = 1 + random.nextInt(brokers.size());
        SimulatedBroker broker = broker(victim);
        if (!broker.isAlive()) {
            return;
        }
        switch (random.nextInt(14)) {
            case 0, 1 -> crash(victim, random.nextInt(4) == 0 ? 10 : 200 + random.nextInt(5_000));
            case 2 -> {
                long forMs = 100 + random.nextInt(3_000);
                note.accept("brokers " + victim + " and " + other + " are cut off for " + forMs);
                network.cut(victim, other, forMs);
            }
            case 10 -> {
                int unreached = other == victim ? 1 + victim % brokers.size() : other;
                long forMs = 100 + random.nextInt(3_000);
                note.accept("broker " + victim + " does not reach broker " + unreached + " for " + forMs);
                network.cutOneWay(victim, unreached, forMs);
            }
            case 11 -> {
                long byMs = (random.nextBoolean() ? 1 : -1) * (1L << random.nextInt(32));
                note.accept("the clock of broker " + victim + " jumps by " + byMs);
                broker.jumpClock(byMs);
            }
            case 12 -> losePower(victim, random.nextInt(4) == 0 ? 10 : 200 + random.nextInt(5_000), false);
            case 13 -> loseAllPower();
            case 3 -> {
                long forMs = 50 + random.nextInt(2_500);
                note.accept("broker " + victim + " is paused for " + forMs);
                broker.pause(forMs);
            }
            case 4 -> {
                note.accept("broker " + victim + " loses its session");
                broker.store().expireSession();
            }
            case 5 -> {
                long forMs = 100 + random.nextInt(3_000);
                note.accept("broker " + victim + " loses ZooKeeper for " + forMs);
                var store = broker.store();
                store.disconnect();
                time.after(forMs, store::reconnect);
            }
            case 6 -> damage(victim);
            case 7 -> failDirectory(victim);
            case 8 -> {
                long forMs = 100 + random.nextInt(2_000);
                note.accept("the disk of broker " + victim + " is full for " + forMs);
                broker.fillDisk();
                time.after(forMs, () -> endDiskFault(victim));
            }
            default -> {
                note.accept("broker " + victim + " shuts down");
                broker.controlledShutdown(() -> shutDown(victim, 500));
            }
        }
    }

    /** Changes a byte on the disk of one broker, while all others are known to have what is lost by that. */
    private void damage(int victim) {
        boolean isSound = brokers.values().stream().allMatch(SimulatedBroker::isCertain);
        if (checks.isAnyDamaged() || !checks.isSettled() || !uncertain.isEmpty() || !isSound) {
            return;
        }
        crash(victim, random.nextInt(3) == 0 ? 10 : 200 + random.nextInt(3_000));
        // Where one replica may be in sync alone, nobody remembers that others have the same.
        broker(victim).damage(topic -> !topic.equals("single")).ifPresent(key -> {
            note.accept("a log of " + key + " on broker " + victim + " is damaged");
            checks.onDamaged(key, victim);
        });
    }

    /** The broker goes on with the other directory until it is started anew, and sometimes even starts without the one that fails. */
    private void failDirectory(int victim) {
        if (!uncertain.isEmpty() || checks.isAnyDamaged()) {
            // It may be the only one that has all records.
            return;
        }
        note.accept("a log directory of broker " + victim + " fails");
        broker(victim).failDirectory();
        if (random.nextInt(3) == 0) {
            time.after(random.nextInt(500), () -> {
                if (broker(victim).isAlive() && broker(victim).canStart()) {
                    kill(victim, 10);
                }
            });
        }
        time.after(500 + random.nextInt(3_000), () -> endDiskFault(victim));
    }

    private void endDiskFault(int victim) {
        broker(victim).healDisk();
        if (broker(victim).isAlive() && broker(victim).hasFailedDirectory()) {
            crash(victim, 10);
        }
    }

    /** Partitions move, turn round and stop moving while everything else goes on. */
    void moveForEver() {
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
        note.accept("moving " + topic.name() + "-" + partition + " to " + wish.target());
        var options = new ReassignmentOptions(true, random.nextInt(3) == 0 ? 50_000 : 0);
        brokers.values().stream().filter(SimulatedBroker::isAlive).forEach(each -> each.controller()
                .reassign(List.of(wish), options));
    }

    /** As operators do it. */
    void startAgain(int brokerId) {
        if (broker(brokerId).isAlive()) {
            crash(brokerId, 10);
        }
    }

    private void crash(int victim, long downMs) {
        broker(victim).healDisk();
        kill(victim, downMs);
    }

    private void kill(int victim, long downMs) {
        note.accept("broker " + victim + " crashes for " + downMs);
        crashes++;
        broker(victim).crash(SESSION_TIMEOUT_MS);
        afterDeath(victim, downMs);
    }

    private void shutDown(int victim, long downMs) {
        broker(victim).healDisk();
        shutdowns++;
        String how = broker(victim).shutDown(metadata.image());
        note.accept("broker " + victim + " ends " + how + " for " + downMs);
        afterDeath(victim, downMs);
    }

    /**
     * A journal outlives it. The other logs lose what was not forced where another replica certainly has it; where it may happen, they are on the
     * medium by chance; else the process is killed only.
     */
    private void losePower(int victim, long downMs, boolean writesBack) {
        var fates = fatesOf(victim);
        if (fates.containsValue(Fate.BEYOND_PROMISE) || (writesBack && uncertain.isAnyLacking())) {
            crash(victim, downMs);
            return;
        }
        broker(victim).healDisk();
        powerLosses++;
        note.accept("broker " + victim + " loses power for " + downMs);
        fates.forEach((key, fate) -> {
            Fate decided = writesBack ? Fate.WRITTEN_BACK : fate;
            fates.put(key, decided);
            uncertain.onPowerLost(key, victim, metadata.image(), decided);
        });
        broker(victim).losePower(SESSION_TIMEOUT_MS, key -> fates.get(key) == Fate.WRITTEN_BACK);
        afterDeath(victim, downMs);
    }

    /** What becomes of partitions that the operating system flushes when a broker loses power. */
    private Map<PartitionKey, Fate> fatesOf(int victim) {
        var fates = new HashMap<PartitionKey, Fate>();
        for (TopicImage topic : metadata.image().topics()) {
            if (!journaled.contains(topic.name())) {
                for (int index = 0; index < topic.partitionCount(); index++) {
                    var key = new PartitionKey(topic.topicId(), index);
                    fates.put(
                            key,
                            uncertain.fateOf(
                                    key, topic, victim, id -> isCertain(key, id), id -> checks.isDamaged(key, id)));
                }
            }
        }
        return fates;
    }

    private boolean isCertain(PartitionKey key, int brokerId) {
        return broker(brokerId).isCertain() && !checks.isDamaged(key, brokerId);
    }

    private void loseAllPower() {
        boolean writesBack = random.nextBoolean();
        note.accept("all brokers lose power");
        brokers.forEach((id, broker) -> {
            if (broker.isAlive()) {
                losePower(id, 10 + random.nextInt(3_000), writesBack);
            }
        });
    }

    private void afterDeath(int victim, long downMs) {
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
                start.accept(victim);
            }
        });
    }

    void heal() {
        note.accept("healing");
        network.heal();
        time.after(
                0,
                () -> brokers.forEach((id, broker) -> {
                    broker.healDisk();
                    if (broker.isAlive() && broker.hasFailedDirectory()) {
                        crash(id, 10);
                    } else if (!broker.isAlive()) {
                        start.accept(id);
                    } else {
                        broker.store().reconnect();
                    }
                }));
        disturbing = false;
    }
}
