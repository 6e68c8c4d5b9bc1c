package io.millrace.coordinator.transaction;

import io.millrace.protocol.ErrorCode;
import java.util.Optional;

/**
 * What becomes of a transactional id: an error, a next state to be written, or neither where all is done already.
 *
 * @param next empty where nothing is to be written
 */
record TransactionDecision(ErrorCode error, Optional<Transaction> next) {
    static TransactionDecision refuse(ErrorCode error) {
        return new TransactionDecision(error, Optional.empty());
    }

    static TransactionDecision done() {
        return new TransactionDecision(ErrorCode.NONE, Optional.empty());
    }

    static TransactionDecision write(Transaction next) {
        return new TransactionDecision(ErrorCode.NONE, Optional.of(next));
    }

    /** Something has to be written before what was asked can be done; the client asks again. */
    static TransactionDecision writeAndRefuse(Transaction next, ErrorCode error) {
        return new TransactionDecision(error, Optional.of(next));
    }
}
