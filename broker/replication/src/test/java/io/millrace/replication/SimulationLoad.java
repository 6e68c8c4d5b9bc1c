package io.millrace.replication;

import io.millrace.metadata.TopicImage;
import io.millrace.replication.SimulationChecks.LogName;
import io.millrace.storage.LogSamples;
import java.util.Random;
import java.util.function.Consumer;

/** The clients of a simulated cluster: they produce to whoever believes to lead, and delete from the beginnings of logs. */
final class SimulationLoad {
    private static final int PRODUCE_PAUSE_MIN_MS = 10;
    private static final int PRODUCE_PAUSE_MORE_MS = 30;
    private static final int DELETE_PAUSE_MIN_MS = 100;
    private static final int DELETE_PAUSE_MORE_MS = 1_000;
    private static final int TIMEOUT_MS = 1_000;

    private final Simulation simulation;
    private final SimulatedTime time;
    private final Random random;
    private final SimulationHistory history;
    private final Consumer<String> note;
    private long valuesMade;
    private boolean producing = true;

    SimulationLoad(Simulation simulation) {
        this.simulation = simulation;
        this.time = simulation.time();
        this.random = simulation.random();
        this.history = simulation.checks().history();
        this.note = simulation::note;
    }

    void begin() {
        produceForEver();
        deleteForEver();
    }

    void end() {
        producing = false;
    }

    private void produceForEver() {
        if (producing) {
            simulation.metadata().image().topics().forEach(this::produce);
            time.after(PRODUCE_PAUSE_MIN_MS + random.nextInt(PRODUCE_PAUSE_MORE_MS), this::produceForEver);
        }
    }

    private void produce(TopicImage topic) {
        for (int index = 0; index < topic.partitionCount(); index++) {
            atAnyBroker(topic, index, this::append);
        }
    }

    /** Any broker may believe that it leads. */
    private void atAnyBroker(TopicImage topic, int index, Consumer<Partition> action) {
        var believer = simulation.broker(1 + random.nextInt(simulation.brokers().size()));
        var key = new PartitionKey(topic.topicId(), index);
        if (believer.isAlive()) {
            believer.replicas().partition(key).ifPresent(action);
        }
    }

    private void append(Partition partition) {
        for (LogKind kind : partition.logKinds()) {
            var values = new String[1 + random.nextInt(3)];
            for (int i = 0; i < values.length; i++) {
                values[i] = "value-" + valuesMade++;
            }
            Acks acks = random.nextInt(5) == 0 ? Acks.LEADER : Acks.ALL;
            partition.append(kind, LogSamples.batch(values), acks, TIMEOUT_MS).thenAccept(result -> {
                if (result.isAppended() && acks == Acks.ALL) {
                    history.onAcknowledged(new LogName(partition.key(), kind), result.baseOffset(), values);
                }
            });
        }
    }

    private void deleteForEver() {
        if (producing) {
            simulation
                    .metadata()
                    .image()
                    .topics()
                    .forEach(topic -> atAnyBroker(topic, random.nextInt(topic.partitionCount()), this::delete));
            time.after(DELETE_PAUSE_MIN_MS + random.nextInt(DELETE_PAUSE_MORE_MS), this::deleteForEver);
        }
    }

    private void delete(Partition partition) {
        for (LogKind kind : partition.logKinds()) {
            long start = partition.logStartOffset(kind);
            long readable = Math.max(0, partition.highWatermark(kind) - start);
            long before = start + random.nextInt((int) readable / 2 + 1);
            history.onDeletionAsked(new LogName(partition.key(), kind), before);
            note.accept("records of " + kind + " of " + partition + " below " + before + " may go");
            if (kind == LogKind.DATA) {
                partition.deleteRecords(before, TIMEOUT_MS);
            } else {
                partition.advanceLogStartOffset(kind, before);
            }
        }
    }
}
