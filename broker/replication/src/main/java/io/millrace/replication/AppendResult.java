package io.millrace.replication;

import io.millrace.protocol.ErrorCode;

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

    public boolean isAppended() {
        return errorCode == ErrorCode.NONE;
    }

    AppendResult failedAfterAppend(ErrorCode error, String why) {
        return new AppendResult(error, baseOffset, lastOffset, logAppendTimeMs, logStartOffset, why);
    }
}
