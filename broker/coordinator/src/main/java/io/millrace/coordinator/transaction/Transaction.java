package io.millrace.coordinator.transaction;

import io.millrace.record.RecordBatch;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What is known of a transactional id. Immutable; the methods make what comes next.
 *
 * @param previousProducerId the id before this one, so that a request sent again under it is recognised; -1 for none
 * @param nextProducerId what {@code producerId} becomes once the markers are written (KIP-890); -1 for the same
 * @param lastProducerEpoch under which the present producer may ask again, having missed the answer that told the new epoch; -1 for none
 * @param startMs when the transaction began, milliseconds since 1970; -1 where none has
 * @param clientVersion the transaction version that the client follows: {@link #V2} bumps the epoch with each transaction
 */
public record Transaction(
        long producerId,
        long previousProducerId,
        long nextProducerId,
        short producerEpoch,
        short lastProducerEpoch,
        int timeoutMs,
        TransactionState state,
        NavigableSet<TransactionPartition> partitions,
        long startMs,
        long lastUpdateMs,
        short clientVersion) {
    /** KIP-890's second part: partitions are added by writing to them, and each transaction has an epoch of its own. */
    public static final short V2 = 2;
    /** Everything before. */
    public static final short V1 = 0;

    private static final long NO_TIME = -1;
    private static final short NO_EPOCH = RecordBatch.NO_PRODUCER_EPOCH;
    private static final long NO_ID = RecordBatch.NO_PRODUCER_ID;

    public Transaction {
        partitions = Collections.unmodifiableNavigableSet(new TreeSet<>(partitions));
    }

    /** The first producer of a transactional id. */
    static Transaction ofNew(long producerId, int timeoutMs, long nowMs) {
        return new Transaction(
                producerId,
                NO_ID,
                NO_ID,
                (short) 0,
                NO_EPOCH,
                timeoutMs,
                TransactionState.EMPTY,
                new TreeSet<>(),
                NO_TIME,
                nowMs,
                V1);
    }

    public ProducerIdAndEpoch producer() {
        return new ProducerIdAndEpoch(producerId, producerEpoch);
    }

    /** Who the client is to be from the next transaction on, while this one ends. */
    ProducerIdAndEpoch nextProducer() {
        return nextProducerId == NO_ID ? producer() : new ProducerIdAndEpoch(nextProducerId, (short) 0);
    }

    /** Whether the transaction commits, or has. */
    public boolean isCommit() {
        return state == TransactionState.PREPARE_COMMIT || state == TransactionState.COMPLETE_COMMIT;
    }

    /** When the transaction has been open for too long; {@link Long#MAX_VALUE} where none is. */
    long timeoutAtMs() {
        return state == TransactionState.ONGOING ? startMs + timeoutMs : Long.MAX_VALUE;
    }

    /** A new producer, or the same one anew, under the next epoch; the one before is fenced. */
    Transaction withNextEpoch(boolean mayAskAgain, int newTimeoutMs, long nowMs) {
        short last = mayAskAgain ? producerEpoch : NO_EPOCH;
        return idle(producerId, previousProducerId, nextEpoch(), last, newTimeoutMs, nowMs);
    }

    /** The answer to a producer that missed it. */
    Transaction withSameEpoch(int newTimeoutMs, long nowMs) {
        return idle(producerId, previousProducerId, producerEpoch, lastProducerEpoch, newTimeoutMs, nowMs);
    }

    /** A new producer where the epochs of the old id are used up. */
    Transaction withNewProducerId(long newProducerId, boolean mayAskAgain, int newTimeoutMs, long nowMs) {
        short last = mayAskAgain ? producerEpoch : NO_EPOCH;
        return idle(newProducerId, producerId, (short) 0, last, newTimeoutMs, nowMs);
    }

    /** {@link #withNewProducerId} for one that was fenced and has come back, or missed the answer: it may ask under the epoch it had. */
    Transaction withNewProducerIdAgain(long newProducerId, int newTimeoutMs, long nowMs) {
        return idle(newProducerId, producerId, (short) 0, lastProducerEpoch, newTimeoutMs, nowMs);
    }

    private short nextEpoch() {
        if (producerEpoch == ProducerIdAndEpoch.FENCING_EPOCH) {
            throw new IllegalStateException("no epoch comes after that of " + this);
        }
        return (short) (producerEpoch + 1);
    }

    private Transaction idle(
            long newProducerId, long newPrevious, short newEpoch, short newLast, int newTimeoutMs, long nowMs) {
        return new Transaction(
                newProducerId,
                newPrevious,
                NO_ID,
                newEpoch,
                newLast,
                newTimeoutMs,
                TransactionState.EMPTY,
                new TreeSet<>(),
                NO_TIME,
                nowMs,
                clientVersion);
    }

    /** Partitions are added; begins the transaction if none is ongoing. */
    Transaction withAdded(Collection<TransactionPartition> added, short version, long nowMs) {
        boolean begins = state != TransactionState.ONGOING;
        NavigableSet<TransactionPartition> all = begins ? new TreeSet<>() : new TreeSet<>(partitions);
        all.addAll(added);
        return new Transaction(
                producerId,
                previousProducerId,
                NO_ID,
                producerEpoch,
                lastProducerEpoch,
                timeoutMs,
                TransactionState.ONGOING,
                all,
                begins ? nowMs : startMs,
                nowMs,
                version);
    }

    /**
     * The client ends its transaction. With {@link #V2} the markers and the next transaction have the next epoch.
     *
     * @param rotatedId of the next transaction, where the epochs are used up; -1 for the same
     */
    Transaction ended(boolean commit, short version, long rotatedId, long nowMs) {
        boolean bumps = version >= V2;
        boolean isOngoing = state == TransactionState.ONGOING;
        return new Transaction(
                producerId,
                previousProducerId,
                rotatedId,
                bumps ? nextEpoch() : producerEpoch,
                bumps ? producerEpoch : lastProducerEpoch,
                timeoutMs,
                commit ? TransactionState.PREPARE_COMMIT : TransactionState.PREPARE_ABORT,
                isOngoing ? partitions : new TreeSet<>(),
                isOngoing ? startMs : nowMs,
                nowMs,
                version);
    }

    /**
     * The coordinator aborts the transaction, under an epoch that shuts its producer out. One that was only too slow may come back with
     * the epoch it had (KIP-588); one that was displaced may not.
     */
    Transaction fenced(boolean mayComeBack, long nowMs) {
        return new Transaction(
                producerId,
                previousProducerId,
                NO_ID,
                (short) Math.min(Short.MAX_VALUE, producerEpoch + 1),
                mayComeBack ? producerEpoch : NO_EPOCH,
                timeoutMs,
                TransactionState.PREPARE_ABORT,
                partitions,
                startMs,
                nowMs,
                V1);
    }

    /** All markers are written. */
    Transaction completed(long nowMs) {
        boolean rotates = nextProducerId != NO_ID;
        return new Transaction(
                rotates ? nextProducerId : producerId,
                rotates ? producerId : previousProducerId,
                NO_ID,
                rotates ? 0 : producerEpoch,
                lastProducerEpoch,
                timeoutMs,
                isCommit() ? TransactionState.COMPLETE_COMMIT : TransactionState.COMPLETE_ABORT,
                new TreeSet<>(),
                startMs,
                nowMs,
                clientVersion);
    }
}
