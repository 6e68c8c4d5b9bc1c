package io.millrace.storage;

import java.nio.file.Path;

/**
 * Brings a log to the medium and keeps the recovery point.
 *
 * <p>Safe for threads, guarded by itself. While data is being forced nothing of it is cut off: only a truncation waits for that.
 */
final class LogFlush {

    private final LogState state;
    private final LogDurability durability;
    private boolean nameForced;
    /** Of the log's end: what was cut off before must not come back. */
    private int forcedGeneration;

    LogFlush(LogState state, LogDurability durability) {
        this.state = state;
        this.durability = durability;
    }

    /** Returns when everything that was appended before is on the medium. */
    void flush() {
        state.failStop().ensureUsable();
        force();
    }

    private synchronized void force() {
        FailStop failStop = state.failStop();
        LogOffsets offsets = state.offsets();
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
            state.epochs().write(true);
            forceSegments(offsets.recoveryPoint());
            state.names().forceIfChanged(state.files().directory());
            forceName();
            return end;
        });
        offsets.forcedTo(end, serial);
        forcedGeneration = generation;
        failStop.change(this::forceCheckpoint);
    }

    private void forceSegments(long recoveryPoint) {
        LogSegment last = state.segments().last();
        for (LogSegment segment : state.segments().all()) {
            // The one that ends at the recovery point may have been cut there.
            if (segment == last || segment.end().nextOffset() >= recoveryPoint) {
                segment.force();
            }
        }
    }

    private boolean forceCheckpoint() {
        state.checkpoints().forceIfLowered();
        state.offsets().keep();
        return true;
    }

    /** The name of the log's directory must survive, too. */
    private void forceName() {
        LogFiles files = state.files();
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
