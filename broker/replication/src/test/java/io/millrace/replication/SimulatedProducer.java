package io.millrace.replication;

import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.replication.TransactionHistory.Label;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One transactional producer after the other, as Kafka's behave: each takes over its transactional id, writes, commits or aborts, asks again where it can, and
 * gives up where it must.
 *
 * <pre>
 *   initialize --> begin --> add, write, ... --> end --> begin ...
 *        ^                     `---abortable---> abort --> initialize (as the same producer, version 0) or begin
 *        `--- fenced: over, or once more as the same producer
 * </pre>
 */
final class SimulatedProducer {
    private static final int ATTEMPTS_MAX = 12;
    private static final int WRITES_MAX = 5;
    private static final int PAUSE_MAX_MS = 12;

    private final TransactionSimulation simulation;
    private final SimulatedTime time;
    private final Random random;
    private final String transactionalId;
    private final int instance;
    private final short version;
    private final int timeoutMs;

    /** When a request may arrive once more. */
    private enum Repeats {
        /** One for a producer id: it would displace who got the first answer, and rightly so. */
        NEVER,
        WHILE_WAITING,
        LATE
    }

    private ProducerIdAndEpoch producer = ProducerIdAndEpoch.NONE;
    private final Map<String, Integer> sequences = new HashMap<>();
    private final Set<String> added = new HashSet<>();
    private Label label;
    private int transactions;
    private int values;
    private int writesLeft;
    private int steps; // by which a request is known that its producer has gone on from
    private long begunAtMs;
    private boolean isUncertain; // whether something was sent of which nothing is known
    private boolean isOver;

    SimulatedProducer(
            TransactionSimulation simulation, String transactionalId, int instance, short version, int timeoutMs) {
        this.simulation = simulation;
        this.time = simulation.time();
        this.random = simulation.random();
        this.transactionalId = transactionalId;
        this.instance = instance;
        this.version = version;
        this.timeoutMs = timeoutMs;
        this.label = new Label(transactionalId, instance, 0);
    }

    boolean isOver() {
        return isOver;
    }

    /** Whether it has been told that it is the one. */
    boolean hasBegun() {
        return transactions > 0;
    }

    /** Does nothing more, whatever it is waiting for; what it sent may still arrive. */
    void die() {
        isOver = true;
        steps++;
    }

    private boolean isV2() {
        return version >= Transaction.V2;
    }

    /** Goes on after a while, unless it is over then. */
    private void later(int maxMs, Runnable step) {
        time.after(1 + random.nextInt(maxMs), () -> {
            if (!isOver) {
                step.run();
            }
        });
    }

    /** Asks until there is an answer that is final. */
    private <A> void ask(Question<A> question, Repeats repeats, int attempt, Consumer<A> onFinal, Runnable onNone) {
        int step = ++steps;
        simulation
                .calls()
                .<A>call(
                        question::ask,
                        () -> repeats == Repeats.LATE || (repeats == Repeats.WHILE_WAITING && steps == step),
                        answer -> {
                            if (isOver) {
                                return;
                            }
                            if (answer.isPresent() && !isRetriable(question.errorOf(answer.get()))) {
                                steps++;
                                onFinal.accept(answer.get());
                            } else if (attempt < ATTEMPTS_MAX) {
                                later(PAUSE_MAX_MS, () -> ask(question, repeats, attempt + 1, onFinal, onNone));
                            } else {
                                onNone.run();
                            }
                        });
    }

    private interface Question<A> {
        void ask(Consumer<A> answer);

        ErrorCode errorOf(A answer);
    }

    private static boolean isRetriable(ErrorCode error) {
        return switch (error) {
            case CONCURRENT_TRANSACTIONS,
                    COORDINATOR_LOAD_IN_PROGRESS,
                    COORDINATOR_NOT_AVAILABLE,
                    NOT_COORDINATOR,
                    NOT_LEADER_OR_FOLLOWER,
                    NOT_ENOUGH_REPLICAS,
                    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    REQUEST_TIMED_OUT -> true;
            default -> false;
        };
    }

    // ---- who it is

    void start() {
        initialize(ProducerIdAndEpoch.NONE);
    }

    private void initialize(ProducerIdAndEpoch claimed) {
        var request = new InitProducerIdRequest(transactionalId, timeoutMs, claimed.producerId(), claimed.epoch());
        var question = new Question<InitProducerIdResponse>() {
            @Override
            public void ask(Consumer<InitProducerIdResponse> answer) {
                if (isOver) {
                    return; // otherwise it might displace its successor, and rightly so
                }
                simulation
                        .coordinator()
                        .decide(
                                (rules, nowMs) -> rules.initialize(request, nowMs),
                                error -> new InitProducerIdResponse(0, error, -1, (short) -1),
                                answer);
            }

            @Override
            public ErrorCode errorOf(InitProducerIdResponse answer) {
                return answer.errorCode();
            }
        };
        ask(question, Repeats.NEVER, 0, this::onInitialized, this::die);
    }

    private void onInitialized(InitProducerIdResponse answer) {
        if (answer.errorCode().isError()) {
            onFenced(answer.errorCode());
            return;
        }
        become(new ProducerIdAndEpoch(answer.producerId(), answer.producerEpoch()));
        simulation.onInitialized(transactionalId, instance);
        begin();
    }

    private void become(ProducerIdAndEpoch next) {
        if (!next.equals(producer)) {
            producer = next;
            sequences.clear();
        }
    }

    // ---- a transaction

    private void begin() {
        if (simulation.isEnding()) {
            die();
            return;
        }
        label = new Label(transactionalId, instance, ++transactions);
        begunAtMs = time.nowMs();
        isUncertain = false;
        added.clear();
        writesLeft = 1 + random.nextInt(WRITES_MAX);
        later(PAUSE_MAX_MS, this::goOn);
    }

    private void goOn() {
        if (writesLeft == 0) {
            end(random.nextInt(4) > 0);
            return;
        }
        writesLeft--;
        SimulatedLedPartition partition = simulation.anyPartition();
        if (isV2() || added.contains(partition.topicName())) {
            write(partition);
        } else {
            add(partition);
        }
    }

    private void add(SimulatedLedPartition partition) {
        ProducerIdAndEpoch adding = producer;
        var question = new Question<ErrorCode>() {
            @Override
            public void ask(Consumer<ErrorCode> answer) {
                simulation
                        .coordinator()
                        .decide(
                                (rules, nowMs) -> rules.add(
                                        transactionalId,
                                        adding,
                                        List.of(new TransactionPartition(partition.topicName(), 0)),
                                        Transaction.V1,
                                        nowMs),
                                error -> error,
                                answer);
            }

            @Override
            public ErrorCode errorOf(ErrorCode answer) {
                return answer;
            }
        };
        ask(
                question,
                Repeats.WHILE_WAITING,
                0,
                error -> {
                    if (error.isError()) {
                        onFailed(error);
                    } else {
                        added.add(partition.topicName());
                        write(partition);
                    }
                },
                this::abort);
    }

    /** Writes one batch, or two of which the second does not wait for the first. */
    private void write(SimulatedLedPartition partition) {
        int count = 1 + random.nextInt(2);
        int sequence = sequences.getOrDefault(partition.topicName(), 0);
        sequences.put(partition.topicName(), sequence + count);
        added.add(partition.topicName());
        var batches = new SimulatedWrites(simulation, transactionalId, producer, version, label);
        for (int i = 0; i < count; i++) {
            batches.add(sequence + i, label.value(values++));
        }
        var question = new Question<ErrorCode>() {
            @Override
            public void ask(Consumer<ErrorCode> answer) {
                batches.writeTo(partition, answer);
            }

            @Override
            public ErrorCode errorOf(ErrorCode answer) {
                return answer;
            }
        };
        ask(
                question,
                Repeats.LATE,
                0,
                error -> {
                    if (error.isError()) {
                        isUncertain = true;
                        onFailed(error);
                    } else {
                        later(PAUSE_MAX_MS, this::goOn);
                    }
                },
                () -> {
                    isUncertain = true;
                    abort();
                });
    }

    private void onFailed(ErrorCode error) {
        if (error == ErrorCode.TRANSACTION_ABORTABLE || error == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) {
            simulation.note(label + " has to abort: " + error);
            abort();
        } else {
            onFenced(error);
        }
    }

    private void abort() {
        writesLeft = 0;
        if (isV2() || !added.isEmpty()) {
            end(false);
        } else {
            initialize(producer);
        }
    }

    private void end(boolean commit) {
        if (commit) {
            simulation.history().onCommitAsked(label);
        }
        var request = new EndTxnRequest(transactionalId, producer.producerId(), producer.epoch(), commit);
        var question = new Question<EndTxnResponse>() {
            @Override
            public void ask(Consumer<EndTxnResponse> answer) {
                simulation.end(request, version, answer);
            }

            @Override
            public ErrorCode errorOf(EndTxnResponse answer) {
                return answer.errorCode();
            }
        };
        // Of an older version nothing can tell a late end from that of the next transaction, as KIP-890 says.
        ask(question, isV2() ? Repeats.LATE : Repeats.WHILE_WAITING, 0, answer -> onEnded(answer, commit), this::die);
    }

    private void onEnded(EndTxnResponse answer, boolean commit) {
        boolean hadNothing = !commit && answer.errorCode() == ErrorCode.INVALID_TXN_STATE;
        if (answer.errorCode().isError() && !hadNothing) {
            onFenced(answer.errorCode());
            return;
        }
        simulation.history().onEnded(label, commit);
        if (isV2()) {
            become(new ProducerIdAndEpoch(answer.producerId(), answer.producerEpoch()));
            begin();
        } else if (isUncertain) {
            initialize(producer);
        } else {
            begin();
        }
    }

    /** Another has taken over, or the transaction took too long; in the second case it may come back. */
    private void onFenced(ErrorCode error) {
        boolean isTooLate = time.nowMs() - begunAtMs >= timeoutMs;
        simulation.note(label + " is over: " + error);
        if (!isTooLate && !simulation.isDisplaced(transactionalId, instance)) {
            throw new AssertionError(label + " was told " + error
                    + " by the coordinator or a leader, though it is the only"
                    + " producer of its transactional id and " + (time.nowMs() - begunAtMs) + " ms of " + timeoutMs
                    + " have passed");
        }
        if (isTooLate && label.number() > 0 && random.nextBoolean()) {
            begunAtMs = 0;
            later(PAUSE_MAX_MS, () -> initialize(producer));
        } else {
            die();
        }
    }

    /** For a report. */
    Optional<String> open() {
        return isOver ? Optional.empty() : Optional.of("producer " + label);
    }
}
