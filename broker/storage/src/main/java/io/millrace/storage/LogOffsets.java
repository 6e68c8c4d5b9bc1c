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
    /** Below this offset everything is on the medium, and no older checkpoint may deny it. */
    private volatile long keptTo;
    /** Below this offset everything is in the journal, and on its medium. */
    private volatile long journaledTo;
    /** The effects of journal entries up to this serial are on the medium, in the log's own files. */
    private volatile long settledSerial;
    /** Grows whenever the end of the log moves back. */
    private volatile int generation;

    LogOffsets(long logStartOffset, long highWatermark, long recoveryPoint, long logEndOffset, long settledSerial) {
        this.logStartOffset = logStartOffset;
        this.highWatermark = highWatermark;
        this.recoveryPoint = recoveryPoint;
        this.keptTo = recoveryPoint;
        this.logEndOffset = logEndOffset;
        this.settledSerial = settledSerial;
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

    /** Below this offset everything is on the medium, in the log's own files or in the journal. */
    long durableEndOffset() {
        return Math.max(journaledTo, keptTo);
    }

    long settledSerial() {
        return settledSerial;
    }

    int generation() {
        return generation;
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

    /** Everything below is on the medium, and so are the effects of journal entries up to a serial. */
    void forcedTo(long offset, long serial) {
        recoveryPoint = offset;
        settledSerial = Math.max(settledSerial, serial);
    }

    /** What was {@linkplain #forcedTo forced} will be found so by the next life. */
    void keep() {
        keptTo = recoveryPoint;
    }

    /** Everything below is in the journal, unless the end of the log has moved back since. */
    synchronized void journaledTo(long offset, int ofGeneration) {
        if (ofGeneration == generation) {
            journaledTo = Math.max(journaledTo, offset);
        }
    }

    /** Records below are not to be read any more. */
    void startAt(long offset) {
        logStartOffset = offset;
    }

    /** Nothing at or above the offset is promised any more. */
    synchronized void cutTo(long offset) {
        generation++;
        journaledTo = Math.min(journaledTo, offset);
        highWatermark = Math.min(highWatermark, offset);
        recoveryPoint = Math.min(recoveryPoint, offset);
        keptTo = Math.min(keptTo, offset);
        logEndOffset = Math.min(logEndOffset, offset);
    }

    /**
     * Nothing is promised any more but that the log will go on at the offset; its old end lasts until {@link #endAt}. So do the old files, if the
     * process ends before that, and of them no more is on the medium than was.
     */
    synchronized void startOverAt(long offset) {
        generation++;
        journaledTo = Math.min(journaledTo, offset);
        logStartOffset = offset;
        highWatermark = offset;
        recoveryPoint = Math.min(recoveryPoint, offset);
        keptTo = offset;
    }

    /** What is to be remembered while the log is used. */
    LogCheckpoint checkpoint() {
        return new LogCheckpoint(logStartOffset, highWatermark, recoveryPoint, settledSerial, false, 0, 0);
    }

    /** What is to be remembered of a log that was closed in order. */
    LogCheckpoint cleanCheckpoint(int activeSegmentBytes) {
        return new LogCheckpoint(
                logStartOffset, highWatermark, recoveryPoint, settledSerial, true, logEndOffset, activeSegmentBytes);
    }
}
