package io.millrace.storage;

/**
 * Where a log begins, how far it is committed, how far it is on the medium, and where it ends.
 *
 * <p>Changed by the owner of the log, read by any thread; the recovery point is changed under the lock of {@link LogFlush}.
 * Invariant: {@code logStartOffset <= highWatermark <= logEndOffset}.
 */
final class LogOffsets {

    private volatile long logStartOffset;
    private volatile long highWatermark;
    private volatile long logEndOffset;
    /** Below this offset everything is on the medium. */
    private volatile long recoveryPoint;

    LogOffsets(long logStartOffset, long highWatermark, long recoveryPoint, long logEndOffset) {
        this.logStartOffset = logStartOffset;
        this.highWatermark = highWatermark;
        this.recoveryPoint = recoveryPoint;
        this.logEndOffset = logEndOffset;
    }

    long logStartOffset() {
        return logStartOffset;
    }

    long highWatermark() {
        return highWatermark;
    }

    long logEndOffset() {
        return logEndOffset;
    }

    long recoveryPoint() {
        return recoveryPoint;
    }

    /** The log ends here after an append, or after a truncation that {@link #cutTo} has noted. */
    void endAt(long offset) {
        logEndOffset = offset;
    }

    /** Raises the high watermark, at most to the end of the log; false when it is there already. */
    boolean raiseHighWatermark(long offset) {
        long raised = Math.min(offset, logEndOffset);
        if (raised <= highWatermark) {
            return false;
        }
        highWatermark = raised;
        return true;
    }

    /** Everything below is on the medium. */
    void forcedTo(long offset) {
        recoveryPoint = offset;
    }

    /** Records below are not to be read any more. */
    void startAt(long offset) {
        logStartOffset = offset;
    }

    /** Nothing at or above the offset is promised any more. */
    void cutTo(long offset) {
        highWatermark = Math.min(highWatermark, offset);
        recoveryPoint = Math.min(recoveryPoint, offset);
        logEndOffset = Math.min(logEndOffset, offset);
    }

    /** Nothing is promised any more but that the log will go on at the offset; its old end lasts until {@link #endAt}. */
    void startOverAt(long offset) {
        logStartOffset = offset;
        highWatermark = offset;
        recoveryPoint = offset;
    }

    /** What is to be remembered while the log is used. */
    LogCheckpoint checkpoint() {
        return new LogCheckpoint(logStartOffset, highWatermark, recoveryPoint, false, 0, 0);
    }

    /** What is to be remembered of a log that was closed in order. */
    LogCheckpoint cleanCheckpoint(int activeSegmentBytes) {
        return new LogCheckpoint(logStartOffset, highWatermark, recoveryPoint, true, logEndOffset, activeSegmentBytes);
    }
}
