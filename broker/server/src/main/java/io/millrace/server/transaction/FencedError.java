package io.millrace.server.transaction;

import io.millrace.protocol.ErrorCode;

/** What clients are told that do not know PRODUCER_FENCED (KIP-588) or TRANSACTION_ABORTABLE (KIP-890) yet. */
final class FencedError {
    private FencedError() {}

    /** @param firstVersion of the API that knows PRODUCER_FENCED */
    static ErrorCode forVersion(ErrorCode error, short apiVersion, short firstVersion) {
        return error == ErrorCode.PRODUCER_FENCED && apiVersion < firstVersion
                ? ErrorCode.INVALID_PRODUCER_EPOCH
                : error;
    }

    /** @param firstVersion of the API that knows TRANSACTION_ABORTABLE */
    static ErrorCode withoutAbortable(ErrorCode error, short apiVersion, short firstVersion) {
        return error == ErrorCode.TRANSACTION_ABORTABLE && apiVersion < firstVersion
                ? ErrorCode.INVALID_TXN_STATE
                : error;
    }
}
