package io.millrace.storage;

import java.nio.file.Path;

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
    private final LogDurability durability;
    private final CheckpointWriter checkpoints;
    private boolean nameForced;
    /** Of the log's end: what was cut off before must not come back. */
    private int forcedGeneration;

    LogFlush(
            LogFiles files,
            Segments segments,
            LeaderEpochs epochs,
            LogOffsets offsets,
            LogDurability durability,
            CheckpointWriter checkpoints) {
        this.files = files;
        this.segments = segments;
        this.epochs = epochs;
        this.offsets = offsets;
        this.durability = durability;
        this.checkpoints = checkpoints;
    }

    /** Returns when everything that was appended before is on the medium. */
    synchronized void flush(FailStop failStop) {
        // In this order: what an entry tells of was done before the entry got its serial.
        long serial = durability.doneSerial();
        long end = offsets.logEndOffset();
        int generation = offsets.generation();
        boolean nothingNew = end <= offsets.recoveryPoint() && serial <= offsets.settledSerial();
        if (nothingNew && generation == forcedGeneration) {
            failStop.change(this::forceCheckpoint);
            return;
        }
        failStop.change(() -> {
            epochs.write(true);
            LogSegment last = segments.last();
            for (LogSegment segment : segments.all()) {
                // The one that ends at the recovery point may have been cut there.
                if (segment == last || segment.end().nextOffset() >= offsets.recoveryPoint()) {
                    segment.force();
                }
            }
            files.disk().forceDirectory(files.directory());
            forceName();
            return end;
        });
        offsets.forcedTo(end, serial);
        forcedGeneration = generation;
        failStop.change(this::forceCheckpoint);
    }

    private boolean forceCheckpoint() {
        checkpoints.forceIfLowered();
        offsets.keep();
        return true;
    }

    /** The name of the log's directory must survive, too. */
    private void forceName() {
        Path root = files.directory().getParent();
        if (!nameForced && root != null) {
            files.disk().forceDirectory(root);
            nameForced = true;
        }
    }

    /** Runs a truncation while nothing is being forced. */
    synchronized void exclude(Runnable truncation) {
        truncation.run();
    }
}
