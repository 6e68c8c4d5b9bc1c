package io.millrace.replication;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.MarkersDue;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionConfiguration;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.coordinator.transaction.TransactionRecord;
import io.millrace.coordinator.transaction.TransactionRecordFormat;
import io.millrace.coordinator.transaction.Transactions;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.EndTransactionMarker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The coordinator of all transactions of a simulation: the rules are real, and its log takes records after a while, refuses some, and is cut when another
 * broker takes over.
 */
final class SimulatedCoordinator {
    private static final long TICK_MS = 10;
    private static final long APPEND_TIMEOUT_MS = 1_000;
    private static final int COMMIT_MAX_MS = 8;
    /** Longer than clients wait. */
    private static final int SLOW_COMMIT_MAX_MS = 400;

    /** In the log, and not committed yet. */
    private record UnderWay(List<TransactionRecord> records, Runnable onCommitted) {}

    private final SimulatedTime time;
    private final Random random;
    private final SimulatedCalls calls;
    private final Map<String, SimulatedLedPartition> partitions;
    private final BrokenTransactionRule broken;
    private final Consumer<String> note;
    private final List<EncodedRecord> log = new ArrayList<>();
    private final Deque<UnderWay> underWay = new ArrayDeque<>();
    private Transactions transactions;
    private long nextProducerId = 1_000;
    private int epoch = 1;
    private long lastCommitAtMs;
    private boolean isServing = true;
    private boolean refuses = true;

    SimulatedCoordinator(
            SimulatedTime time,
            Random random,
            SimulatedCalls calls,
            Map<String, SimulatedLedPartition> partitions,
            BrokenTransactionRule broken,
            Consumer<String> note) {
        this.time = time;
        this.random = random;
        this.calls = calls;
        this.partitions = partitions;
        this.broken = broken;
        this.note = note;
        this.transactions = newTransactions();
        tickForEver();
    }

    private Transactions newTransactions() {
        return new Transactions(TransactionConfiguration.DEFAULT, () -> OptionalLong.of(nextProducerId++));
    }

    /** What is in the log of a transactional id before anything else. */
    void know(TransactionRecord earlier) {
        log.add(TransactionRecordFormat.write(earlier));
        transactions.replay(earlier);
        transactions.onLoaded();
    }

    /** Refuses nothing from now on. */
    void heal() {
        refuses = false;
    }

    /** The transactions that are not over, for a report. */
    List<String> open() {
        return transactions.list().entrySet().stream()
                .filter(entry -> !entry.getValue().state().isIdle())
                .map(entry -> entry.getKey() + " is " + entry.getValue())
                .toList();
    }

    /** What is committed of a transactional id. */
    Optional<Transaction> describe(String transactionalId) {
        return transactions.describe(transactionalId);
    }

    // ---- requests

    /** Decides, and answers when what was decided is committed. */
    <A> void decide(
            BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision,
            Function<ErrorCode, A> refusal,
            Consumer<A> answer) {
        if (!isServing) {
            answer.accept(refusal.apply(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS));
            return;
        }
        append(decision.apply(transactions, time.nowMs()), refusal, answer);
    }

    private <A> void append(Outcome<TransactionRecord, A> outcome, Function<ErrorCode, A> refusal, Consumer<A> answer) {
        if (outcome.records().isEmpty()) {
            answer.accept(outcome.answer());
        } else if (refuses && random.nextInt(30) == 0) {
            transactions.onAppendFailed(outcome.records(), time.nowMs());
            answer.accept(refusal.apply(ErrorCode.COORDINATOR_NOT_AVAILABLE));
        } else if (broken == BrokenTransactionRule.DECISION_BEFORE_COMMIT) {
            outcome.records().forEach(early -> transactions.commit(early, time.nowMs()));
            answer.accept(outcome.answer());
            append(outcome.records(), () -> {});
        } else {
            append(outcome.records(), () -> {
                outcome.records().forEach(committed -> transactions.commit(committed, time.nowMs()));
                answer.accept(outcome.answer());
            });
        }
    }

    private void append(List<TransactionRecord> records, Runnable onCommitted) {
        underWay.addLast(new UnderWay(records, onCommitted));
        int delayMs = random.nextInt(refuses && random.nextInt(40) == 0 ? SLOW_COMMIT_MAX_MS : COMMIT_MAX_MS);
        lastCommitAtMs = Math.max(lastCommitAtMs, time.nowMs() + delayMs);
        int appendedIn = epoch;
        time.after(lastCommitAtMs - time.nowMs(), () -> {
            if (epoch == appendedIn) {
                UnderWay committed = underWay.removeFirst();
                committed.records.forEach(this::write);
                committed.onCommitted.run();
            }
        });
    }

    private void write(TransactionRecord written) {
        note.accept("logged " + written);
        log.add(TransactionRecordFormat.write(written));
    }

    /** Another broker takes over, with what was committed and perhaps with some of the rest. */
    void failOver(long downMs) {
        epoch++;
        int kept = random.nextInt(underWay.size() + 1);
        note.accept("the coordinator fails over, and keeps " + kept + " of " + underWay.size() + " appends");
        for (int i = 0; i < kept; i++) {
            underWay.removeFirst().records.forEach(this::write);
        }
        underWay.clear();
        lastCommitAtMs = 0;
        isServing = false;
        int loadedIn = epoch;
        time.after(downMs, () -> {
            if (epoch == loadedIn) {
                load();
            }
        });
    }

    private void load() {
        transactions = newTransactions();
        log.forEach(encoded ->
                TransactionRecordFormat.read(encoded.key(), encoded.value()).ifPresent(transactions::replay));
        transactions.onLoaded();
        isServing = true;
    }

    // ---- of its own accord

    private void tickForEver() {
        if (isServing && transactions.nextDeadlineMs() <= time.nowMs()) {
            append(transactions.expire(time.nowMs()), error -> false, ignored -> {});
            transactions.takeMarkers().forEach(this::send);
        }
        time.after(TICK_MS, this::tickForEver);
    }

    private void send(MarkersDue due) {
        if (broken == BrokenTransactionRule.COMPLETE_BEFORE_MARKERS) {
            transactions.onMarkersWritten(due, due.partitions());
        }
        int sentIn = epoch;
        boolean hasOwnEpoch =
                due.clientVersion() >= Transaction.V2 && broken != BrokenTransactionRule.MARKER_OF_SAME_EPOCH;
        for (TransactionPartition partition : due.partitions()) {
            calls.<ErrorCode>call(
                    answer -> write(due, partition, hasOwnEpoch, sentIn, answer),
                    () -> due.clientVersion() >= Transaction.V2,
                    answer -> {
                        if (isServing && epoch == sentIn) {
                            onAnswer(due, partition, answer.orElse(ErrorCode.REQUEST_TIMED_OUT));
                        }
                    });
        }
    }

    private void write(
            MarkersDue due, TransactionPartition target, boolean hasOwnEpoch, int sentIn, Consumer<ErrorCode> answer) {
        Optional<Partition> leader = partitions.get(target.topic()).leader();
        if (leader.isEmpty()) {
            answer.accept(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            return;
        }
        var marker = new EndTransactionMarker(due.committed(), sentIn)
                .toBatch(
                        LogMatching.ALLOCATOR,
                        time.nowMs(),
                        due.producer().producerId(),
                        due.producer().epoch());
        leader.get()
                .transactions()
                .appendMarker(marker, hasOwnEpoch, APPEND_TIMEOUT_MS)
                .thenAccept(result -> answer.accept(result.errorCode()));
    }

    private void onAnswer(MarkersDue due, TransactionPartition partition, ErrorCode error) {
        if (MarkersDue.isSettledBy(error)) {
            transactions.onMarkersWritten(due, List.of(partition));
        } else {
            transactions.onMarkersFailed(due, List.of(partition), time.nowMs());
        }
    }
}
