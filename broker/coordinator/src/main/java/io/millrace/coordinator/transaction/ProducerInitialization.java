package io.millrace.coordinator.transaction;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.RecordBatch;
import java.util.OptionalLong;

/**
 * A producer takes over a transactional id (InitProducerId): whoever had it is fenced, and what was open is aborted first.
 *
 * <p>KIP-360: a producer that names the id and epoch it has is not a new one. It gets the next epoch, or the present one where it missed the answer that
 * told it; with any other epoch it has been displaced.
 *
 * @param claimed who the producer says it is; {@link ProducerIdAndEpoch#NONE} for a new one
 */
record ProducerInitialization(ProducerIdAndEpoch claimed, int timeoutMs, ProducerIdSource ids, long nowMs) {

    TransactionDecision ofUnknown() {
        OptionalLong id = ids.next();
        return id.isEmpty()
                ? TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
                : TransactionDecision.write(Transaction.ofNew(id.getAsLong(), timeoutMs, nowMs));
    }

    TransactionDecision of(Transaction current) {
        boolean asksAgain = asksAgain(current);
        boolean isPresent = isNew() || claimed.equals(current.producer()) || claimed.equals(current.nextProducer());
        if (!isPresent && !asksAgain) {
            return TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
        }
        if (current.state() == TransactionState.ONGOING) {
            return isPresent
                    ? TransactionDecision.writeAndRefuse(
                            current.fenced(!isNew(), nowMs), ErrorCode.CONCURRENT_TRANSACTIONS)
                    : TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
        }
        if (!current.state().isIdle()) {
            return TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
        }
        if (asksAgain) {
            return current.producerEpoch() == ProducerIdAndEpoch.FENCING_EPOCH
                    ? withNewIdAgain(current)
                    : TransactionDecision.write(current.withSameEpoch(timeoutMs, nowMs));
        }
        return ProducerIdAndEpoch.isExhausted(current.producerEpoch())
                ? withNewId(current)
                : TransactionDecision.write(current.withNextEpoch(!isNew(), timeoutMs, nowMs));
    }

    private boolean isNew() {
        return claimed.producerId() == RecordBatch.NO_PRODUCER_ID;
    }

    private boolean asksAgain(Transaction current) {
        if (isNew() || claimed.epoch() != current.lastProducerEpoch()) {
            return false;
        }
        boolean hadNewId =
                claimed.producerId() == current.previousProducerId() && ProducerIdAndEpoch.isExhausted(claimed.epoch());
        return claimed.producerId() == current.producerId() || hadNewId;
    }

    private TransactionDecision withNewId(Transaction current) {
        OptionalLong id = ids.next();
        return id.isEmpty()
                ? TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
                : TransactionDecision.write(current.withNewProducerId(id.getAsLong(), !isNew(), timeoutMs, nowMs));
    }

    /** The epoch before was the last one, and its producer was fenced by the one that nobody gets. */
    private TransactionDecision withNewIdAgain(Transaction current) {
        OptionalLong id = ids.next();
        return id.isEmpty()
                ? TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
                : TransactionDecision.write(current.withNewProducerIdAgain(id.getAsLong(), timeoutMs, nowMs));
    }
}
