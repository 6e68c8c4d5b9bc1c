package io.millrace.coordinator.transaction;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A coordinator whose log takes everything at once, unless told otherwise, and comes back as bytes. */
final class TransactionsFixture {
    static final String ID = "orders";
    static final int TIMEOUT_MS = 60_000;
    static final TransactionPartition A = new TransactionPartition("a", 0);
    static final TransactionPartition B = new TransactionPartition("b", 7);

    private final List<EncodedRecord> log = new ArrayList<>();
    private long nextProducerId = 1000;
    private boolean hasIds = true;
    private boolean holdsAppends;
    private final List<TransactionRecord> held = new ArrayList<>();
    Transactions transactions = make();
    long nowMs = 1_000_000;

    private Transactions make() {
        return new Transactions(
                TransactionConfiguration.DEFAULT,
                () -> hasIds ? OptionalLong.of(nextProducerId++) : OptionalLong.empty());
    }

    void withoutProducerIds() {
        hasIds = false;
    }

    /** Appends from now on are neither committed nor refused. */
    void holdAppends() {
        holdsAppends = true;
    }

    void releaseAppends() {
        holdsAppends = false;
        commit(List.copyOf(held));
        held.clear();
    }

    void refuseAppends() {
        holdsAppends = false;
        transactions.onAppendFailed(List.copyOf(held), nowMs);
        held.clear();
    }

    <A> A apply(Outcome<TransactionRecord, A> outcome) {
        if (holdsAppends) {
            held.addAll(outcome.records());
        } else {
            commit(outcome.records());
        }
        return outcome.answer();
    }

    private void commit(List<TransactionRecord> records) {
        for (TransactionRecord committed : records) {
            log.add(TransactionRecordFormat.write(committed));
            transactions.commit(committed, nowMs);
        }
    }

    /** Another broker takes over, with what the log says. */
    void failOver() {
        transactions = make();
        log.forEach(encoded ->
                TransactionRecordFormat.read(encoded.key(), encoded.value()).ifPresent(transactions::replay));
        transactions.onLoaded();
    }

    /** Everything that is due now, and what follows from it, but for markers. */
    void runDue() {
        for (int i = 0; i < 10 && transactions.nextDeadlineMs() <= nowMs; i++) {
            apply(transactions.expire(nowMs));
        }
    }

    void pass(long ms) {
        nowMs += ms;
        runDue();
    }

    /** All markers that are due now reach their partitions. */
    List<MarkersDue> writeMarkers() {
        runDue();
        List<MarkersDue> due = transactions.takeMarkers();
        due.forEach(markers -> transactions.onMarkersWritten(markers, markers.partitions()));
        runDue();
        return due;
    }

    InitProducerIdResponse initialize() {
        return initialize(ProducerIdAndEpoch.NONE);
    }

    InitProducerIdResponse initialize(ProducerIdAndEpoch claimed) {
        return apply(transactions.initialize(
                new InitProducerIdRequest(ID, TIMEOUT_MS, claimed.producerId(), claimed.epoch()), nowMs));
    }

    /** A new producer, after what was open has been aborted. */
    ProducerIdAndEpoch producer() {
        InitProducerIdResponse answer = initialize();
        if (answer.errorCode() == ErrorCode.CONCURRENT_TRANSACTIONS) {
            writeMarkers();
            answer = initialize();
        }
        return of(answer);
    }

    static ProducerIdAndEpoch of(InitProducerIdResponse answer) {
        return new ProducerIdAndEpoch(answer.producerId(), answer.producerEpoch());
    }

    static ProducerIdAndEpoch of(EndTxnResponse answer) {
        return new ProducerIdAndEpoch(answer.producerId(), answer.producerEpoch());
    }

    ErrorCode add(ProducerIdAndEpoch producer, short version, TransactionPartition... partitions) {
        return apply(transactions.add(ID, producer, List.of(partitions), version, nowMs));
    }

    EndTxnResponse end(ProducerIdAndEpoch producer, boolean commit, short version) {
        return apply(transactions.end(
                new EndTxnRequest(ID, producer.producerId(), producer.epoch(), commit), version, nowMs));
    }

    Transaction described() {
        return transactions.describe(ID).orElseThrow();
    }

    TransactionState state() {
        return described().state();
    }

    /** A transaction of a producer that begins with an epoch near the end. */
    ProducerIdAndEpoch producerWithEpoch(int epoch) {
        ProducerIdAndEpoch first = producer();
        Transaction known = described();
        var aged = new Transaction(
                first.producerId(),
                -1,
                -1,
                (short) epoch,
                (short) -1,
                TIMEOUT_MS,
                TransactionState.EMPTY,
                known.partitions(),
                -1,
                nowMs,
                Transaction.V1);
        commit(List.of(new TransactionRecord(ID, aged)));
        return aged.producer();
    }
}
