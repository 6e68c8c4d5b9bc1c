package io.millrace.storage;

/**
 * Brings a log to the medium and keeps the recovery point.
 *
 * <p>Safe for threads, guarded by itself. While data is being forced nothing of it is cut off: only a truncation waits for that.
 */
final class LogFlush {

    private final LogFiles files;
    private final Segments segments;
    private final LeaderEpochs epochs;
    private final LogOffsets offsets;

    LogFlush(LogFiles files, Segments segments, LeaderEpochs epochs, LogOffsets offsets) {
        this.files = files;
        this.segments = segments;
        this.epochs = epochs;
        this.offsets = offsets;
    }

    /** Returns when everything that was appended before is on the medium. */
    synchronized void flush(FailStop failStop) {
        long end = offsets.logEndOffset();
        if (end <= offsets.recoveryPoint()) {
            return;
        }
        failStop.change(() -> {
            epochs.write(true);
            for (LogSegment segment : segments.all()) {
                if (segment.end().nextOffset() > offsets.recoveryPoint()) {
                    segment.force();
                }
            }
            files.disk().forceDirectory(files.directory());
            return end;
        });
        offsets.forcedTo(end);
    }

    /** Runs a truncation while nothing is being forced. */
    synchronized void exclude(Runnable truncation) {
        truncation.run();
    }
}
