package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.storage.AppendInfo;
import io.millrace.storage.AppendOutcome;

/**
 * What became of an append.
 *
 * @param baseOffset of the first record; -1 where it was refused
 * @param lastOffset of the last record; -1 where it was refused
 * @param logAppendTimeMs -1 unless the log stamps records itself
 * @param message why it was refused, for people; empty otherwise
 */
public record AppendResult(
        ErrorCode errorCode,
        long baseOffset,
        long lastOffset,
        long logAppendTimeMs,
        long logStartOffset,
        String message) {

    public static AppendResult refused(ErrorCode errorCode, String message) {
        return new AppendResult(errorCode, -1, -1, -1, -1, message);
    }

    static AppendResult of(AppendOutcome outcome, long logStartOffset) {
        if (outcome instanceof AppendOutcome.Appended appended) {
            AppendInfo info = appended.info();
            return new AppendResult(ErrorCode.NONE, info.baseOffset(), info.lastOffset(), -1, logStartOffset, "");
        }
        if (outcome instanceof AppendOutcome.Duplicate duplicate) {
            return new AppendResult(
                    ErrorCode.NONE, duplicate.baseOffset(), duplicate.lastOffset(), -1, logStartOffset, "");
        }
        if (outcome instanceof AppendOutcome.OutOfOrderSequence gap) {
            return refused(
                    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                    "producer " + gap.producerId() + " sent sequence " + gap.found() + " where " + gap.expected()
                            + " was expected");
        }
        if (outcome instanceof AppendOutcome.FencedProducer fenced) {
            return refused(
                    ErrorCode.INVALID_PRODUCER_EPOCH,
                    "producer " + fenced.producerId() + " wrote with epoch " + fenced.foundEpoch() + " after epoch "
                            + fenced.currentEpoch());
        }
        if (outcome instanceof AppendOutcome.FencedCoordinator fenced) {
            return refused(
                    ErrorCode.TRANSACTION_COORDINATOR_FENCED,
                    "a coordinator of epoch " + fenced.foundEpoch() + " ends a transaction of producer "
                            + fenced.producerId() + " after one of epoch " + fenced.currentEpoch());
        }
        throw new IllegalStateException("no answer for " + outcome);
    }

    public boolean isAppended() {
        return errorCode == ErrorCode.NONE;
    }

    AppendResult failedAfterAppend(ErrorCode error, String why) {
        return new AppendResult(error, baseOffset, lastOffset, logAppendTimeMs, logStartOffset, why);
    }
}
