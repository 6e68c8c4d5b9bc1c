package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionRecord;
import io.millrace.coordinator.transaction.TransactionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.millrace.replication.TransactionHistory.Label;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Transactional producers, a coordinator and the leaders of three partitions in one thread and virtual time. Requests, markers and answers are lost, come late or
 * twice; leaders and the coordinator fail over; producers die and are displaced; transactions take too long.
 *
 * <p>What must be so: a transaction is committed or aborted in all its partitions; readers of committed records never see anything else; nothing of a producer
 * that was displaced is written after its successor has begun; no producer is refused without a reason; and when everything is over, no transaction is open.
 */
final class TransactionSimulation implements SimulatedRun {
    private static final long FAULTY_MS = 2_500;
    private static final long SETTLE_MAX_MS = 10_000;
    private static final int PARTITIONS = 3;
    private static final int ASKED_EVENTS = 64; // for the answer is long in the making
    private static final List<String> TRANSACTIONAL_IDS = List.of("a", "b");
    private static final int READ_PAUSE_MS = 30;
    private static final int FAULT_PAUSE_MAX_MS = 400;
    private static final int DOWN_MAX_MS = 100;
    private static final int SHORT_TIMEOUT_MS = 600;
    private static final int LONG_TIMEOUT_MS = 2_000;
    private static final int LAST_EPOCHS_FROM = 32_755;

    private final long seed;
    private final BrokenTransactionRule broken;
    private final Random random;
    private final SimulatedTime time;
    private final SimulatedCalls calls;
    private final Map<String, SimulatedLedPartition> partitions = new TreeMap<>();
    private final List<SimulatedReader> readers = new ArrayList<>();
    private final SimulatedCoordinator coordinator;
    private final Map<String, Integer> instances = new TreeMap<>();
    private final Map<String, SimulatedProducer> producers = new TreeMap<>();
    private final List<String> trace = new ArrayList<>();
    private final TransactionHistory history = new TransactionHistory(this::note);
    /** By transactional id and instance, where each log ended when it began. */
    private final Map<String, TreeMap<Integer, Map<String, Long>>> beganAt = new HashMap<>();

    private boolean isEnding;
    private int questions;

    TransactionSimulation(long seed, BrokenTransactionRule broken) {
        this.seed = seed;
        this.broken = broken;
        this.random = new Random(seed);
        this.time = new SimulatedTime(random);
        this.calls = new SimulatedCalls(time, random);
        for (int index = 0; index < PARTITIONS; index++) {
            var partition = new SimulatedLedPartition(index, time, random, this::note);
            partitions.put(partition.topicName(), partition);
            readers.add(new SimulatedReader(partition, random, history::onSeen));
        }
        this.coordinator = new SimulatedCoordinator(time, random, calls, partitions, broken, this::note);
    }

    SimulatedTime time() {
        return time;
    }

    Random random() {
        return random;
    }

    SimulatedCalls calls() {
        return calls;
    }

    SimulatedCoordinator coordinator() {
        return coordinator;
    }

    BrokenTransactionRule broken() {
        return broken;
    }

    TransactionHistory history() {
        return history;
    }

    boolean isEnding() {
        return isEnding;
    }

    SimulatedLedPartition anyPartition() {
        return partitions.get("topic-" + random.nextInt(PARTITIONS));
    }

    void note(String event) {
        trace.add(time.nowMs() + " " + event);
    }

    /** Ends the run, also from where nobody hears of what is thrown. */
    void fail(String why) {
        time.after(0, () -> {
            throw new AssertionError(why);
        });
    }

    @Override
    public List<String> trace() {
        return trace;
    }

    @Override
    public String summary() {
        return "seed " + seed + ": producers " + instances + ", transactions told to be committed: "
                + history.committedCount();
    }

    // ---- what happens

    @Override
    public void run() {
        if (random.nextInt(4) == 0) {
            useUpEpochs();
        }
        TRANSACTIONAL_IDS.forEach(this::startNext);
        failForEver();
        readForEver();
        time.runUntil(time.nowMs() + FAULTY_MS, () -> false);
        isEnding = true;
        note("peace");
        calls.heal();
        coordinator.heal();
        partitions.values().forEach(SimulatedLedPartition::heal);
        time.runUntil(time.nowMs() + SETTLE_MAX_MS, () -> ++questions % ASKED_EVENTS == 0 && open().isEmpty());
        assertThat(open()).as("what is open when all is over").isEmpty();
        history.checkAllOrNothing();
        partitions.values().forEach(this::checkThatNobodyWroteAfterASuccessor);
    }

    private void useUpEpochs() {
        var old = new Transaction(
                500,
                -1,
                -1,
                (short) (LAST_EPOCHS_FROM + random.nextInt(12)),
                (short) -1,
                LONG_TIMEOUT_MS,
                TransactionState.COMPLETE_COMMIT,
                new TreeSet<>(),
                time.nowMs(),
                time.nowMs(),
                random.nextBoolean() ? Transaction.V2 : Transaction.V1);
        coordinator.know(new TransactionRecord(TRANSACTIONAL_IDS.get(0), old));
    }

    private void startNext(String transactionalId) {
        int instance = instances.merge(transactionalId, 1, Integer::sum);
        short version = random.nextBoolean() ? Transaction.V2 : Transaction.V1;
        int timeoutMs = random.nextInt(3) == 0 ? SHORT_TIMEOUT_MS : LONG_TIMEOUT_MS;
        note("producer " + transactionalId + "." + instance + " of version " + version + " starts");
        var next = new SimulatedProducer(this, transactionalId, instance, version, timeoutMs);
        producers.put(transactionalId, next);
        next.start();
    }

    private void failForEver() {
        if (isEnding) {
            return;
        }
        for (String transactionalId : TRANSACTIONAL_IDS) {
            SimulatedProducer present = producers.get(transactionalId);
            if (present.isOver() || random.nextInt(8) == 0) {
                if (random.nextBoolean() || !present.hasBegun()) {
                    present.die();
                }
                startNext(transactionalId);
            }
        }
        switch (random.nextInt(4)) {
            case 0 -> coordinator.failOver(1 + random.nextInt(DOWN_MAX_MS));
            case 1, 2 -> anyPartition().failOver(1 + random.nextInt(DOWN_MAX_MS));
            default -> note("nothing fails");
        }
        time.after(1 + random.nextInt(FAULT_PAUSE_MAX_MS), this::failForEver);
    }

    private void readForEver() {
        readers.forEach(SimulatedReader::read);
        time.after(1 + random.nextInt(READ_PAUSE_MS), this::readForEver);
    }

    /** A producer wishes to end its transaction. */
    void end(EndTxnRequest request, short version, Consumer<EndTxnResponse> answer) {
        EndTxnRequest taken = broken == BrokenTransactionRule.EPOCH_OF_END
                ? coordinator
                        .describe(request.transactionalId())
                        .map(known -> new EndTxnRequest(
                                request.transactionalId(),
                                known.producerId(),
                                known.producerEpoch(),
                                request.committed()))
                        .orElse(request)
                : request;
        coordinator.decide(
                (rules, nowMs) -> rules.end(taken, version, nowMs),
                (ErrorCode error) -> (EndTxnResponse) request.errorResponse(error),
                answer);
    }

    /** A producer was told that it is the one. */
    void onInitialized(String transactionalId, int instance) {
        Map<String, Long> ends = new HashMap<>();
        partitions.forEach((name, partition) -> ends.put(name, partition.logEndOffset()));
        beganAt.computeIfAbsent(transactionalId, missing -> new TreeMap<>()).putIfAbsent(instance, ends);
    }

    boolean isDisplaced(String transactionalId, int instance) {
        return instances.getOrDefault(transactionalId, 0) > instance;
    }

    // ---- what must be so

    private List<String> open() {
        var open = new ArrayList<>(coordinator.open());
        producers.values().forEach(producer -> producer.open().ifPresent(open::add));
        partitions.values().stream()
                .filter(partition -> partition.leader().isEmpty())
                .map(partition -> partition.topicName() + " has no leader")
                .forEach(open::add);
        readers.stream()
                .filter(reader -> !reader.isAtEnd())
                .map(SimulatedReader::toString)
                .forEach(open::add);
        return open;
    }

    private void checkThatNobodyWroteAfterASuccessor(SimulatedLedPartition partition) {
        ByteBuf all = partition.contents();
        try {
            for (RecordBatch batch : RecordBatches.listOf(all)) {
                if (!batch.isControl()) {
                    for (String value : SimulatedReader.values(batch)) {
                        check(partition.topicName(), batch.baseOffset(), value);
                    }
                }
            }
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        } finally {
            all.release();
        }
    }

    private void check(String topic, long offset, String value) {
        Label writer = Label.of(value);
        Optional.ofNullable(beganAt.get(writer.transactionalId()))
                .map(began -> began.higherEntry(writer.instance()))
                .ifPresent(successor -> assertThat(offset)
                        .as(
                                "where %s lies in %s, when %s.%s had begun",
                                value, topic, writer.transactionalId(), successor.getKey())
                        .isLessThan(successor.getValue().get(topic)));
    }
}
