package io.millrace.coordinator.transaction;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.RecordBatch;
import java.util.OptionalLong;

/**
 * A producer commits or aborts its transaction (EndTxn).
 *
 * <p>Where the client follows {@link Transaction#V2} each transaction has an epoch of its own, so that a request which was delayed or sent again names
 * the transaction it means: under the epoch before the present one it is answered as the first time, under an older one it is fenced, and none
 * of them touches the transaction that is open now (KIP-890). Older clients keep their epoch; all that is known of a delayed request is then whether
 * what it asks for is what happened last.
 *
 * @param producer who asks
 * @param clientVersion by the version of the request
 */
record TransactionEnd(
        ProducerIdAndEpoch producer, boolean commit, short clientVersion, ProducerIdSource ids, long nowMs) {

    TransactionDecision of(Transaction current) {
        if (isV2() && current.state().isEnding() && producer.equals(current.nextProducer())) {
            // An abort of the next transaction, to which nothing was written: it has to wait for the markers of this
            // one.
            return TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
        }
        boolean sentAgainAfterRotation = isSentAgainAfterRotation(current);
        if (current.producerId() != producer.producerId() && !sentAgainAfterRotation) {
            return TransactionDecision.refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING);
        }
        boolean sentAgain = sentAgainAfterRotation || isSentAgain(current);
        return isV2() ? endV2(current, sentAgain) : endV1(current);
    }

    private boolean isV2() {
        return clientVersion >= Transaction.V2;
    }

    private boolean isSentAgain(Transaction current) {
        return current.clientVersion() >= Transaction.V2
                && current.producerEpoch() == producer.epoch() + 1
                && current.lastProducerEpoch() == producer.epoch();
    }

    private boolean isSentAgainAfterRotation(Transaction current) {
        return current.clientVersion() >= Transaction.V2
                && current.previousProducerId() == producer.producerId()
                && ProducerIdAndEpoch.isExhausted(producer.epoch())
                && current.lastProducerEpoch() == producer.epoch()
                && current.producerEpoch() == 0;
    }

    private TransactionDecision endV2(Transaction current, boolean sentAgain) {
        boolean isPresent = producer.equals(current.producer());
        return switch (current.state()) {
            case ONGOING -> isPresent ? end(current) : TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
            case EMPTY -> isPresent ? endEmpty(current) : TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
            case PREPARE_COMMIT, PREPARE_ABORT ->
                sentAgain ? stillEnding(current) : TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
            case COMPLETE_COMMIT, COMPLETE_ABORT -> {
                if (sentAgain) {
                    yield ended(current);
                }
                yield isPresent ? endEmpty(current) : TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
            }
            case DEAD, PREPARE_EPOCH_FENCE -> TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
        };
    }

    /** Nothing was added to the transaction: a client that does not know that may abort it. */
    private TransactionDecision endEmpty(Transaction current) {
        return commit ? TransactionDecision.refuse(ErrorCode.INVALID_TXN_STATE) : end(current);
    }

    private TransactionDecision endV1(Transaction current) {
        if (producer.epoch() != current.producerEpoch()) {
            return TransactionDecision.refuse(ErrorCode.PRODUCER_FENCED);
        }
        return switch (current.state()) {
            case ONGOING -> end(current);
            case EMPTY -> TransactionDecision.refuse(ErrorCode.INVALID_TXN_STATE);
            case PREPARE_COMMIT, PREPARE_ABORT -> stillEnding(current);
            case COMPLETE_COMMIT, COMPLETE_ABORT -> ended(current);
            case DEAD, PREPARE_EPOCH_FENCE -> TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS);
        };
    }

    private TransactionDecision stillEnding(Transaction current) {
        return TransactionDecision.refuse(
                commit == current.isCommit() ? ErrorCode.CONCURRENT_TRANSACTIONS : ErrorCode.INVALID_TXN_STATE);
    }

    private TransactionDecision ended(Transaction current) {
        return commit == current.isCommit()
                ? TransactionDecision.done()
                : TransactionDecision.refuse(ErrorCode.INVALID_TXN_STATE);
    }

    private TransactionDecision end(Transaction current) {
        if (!isV2() || !ProducerIdAndEpoch.isExhausted(current.producerEpoch())) {
            return TransactionDecision.write(current.ended(commit, clientVersion, RecordBatch.NO_PRODUCER_ID, nowMs));
        }
        OptionalLong rotated = ids.next();
        return rotated.isEmpty()
                ? TransactionDecision.refuse(ErrorCode.CONCURRENT_TRANSACTIONS)
                : TransactionDecision.write(current.ended(commit, clientVersion, rotated.getAsLong(), nowMs));
    }
}
