package io.millrace.storage;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the checkpoint of a log on disk.
 *
 * <p>Safe for threads. Invariant: a checkpoint that says "clean" is gone from the disk before the log changes.
 */
final class CheckpointWriter {

    private final CheckpointFile file;
    private final LogOffsets offsets;
    private volatile boolean clean;
    /** Whether the loss of power could bring back a checkpoint that promises more than the log has. */
    private boolean lowered;

    private @Nullable LogCheckpoint written;

    CheckpointWriter(LogFiles files, LogOffsets offsets, boolean clean) {
        this.file = new CheckpointFile(files);
        this.offsets = offsets;
        this.clean = clean;
    }

    /** Before the first change: what is on disk may say "clean" no longer. */
    void markDirty() {
        if (clean) {
            clean = false;
            write();
        }
    }

    /** Before something goes that was promised: writes the present offsets. */
    synchronized void writeLowered() {
        boolean wasClean = clean;
        clean = false;
        lowered = true;
        try {
            write();
        } catch (DiskFullException e) {
            clean = wasClean;
            throw e;
        }
    }

    /**
     * {@link #writeLowered} that survives the loss of power: no older checkpoint may promise what is about to be cut off. The next flush writes
     * another one, which knows that the cut is settled.
     */
    synchronized void forceLowered() {
        writeLowered();
        writeForced();
    }

    /** Sees to it that no older checkpoint promises more than the log has. */
    synchronized void forceIfLowered() {
        if (lowered) {
            writeForced();
            lowered = false;
        }
    }

    /** Writes the present offsets, unless they are on disk already or a clean checkpoint is. */
    synchronized void write() {
        LogCheckpoint checkpoint = offsets.checkpoint();
        if (clean || checkpoint.equals(written)) {
            return;
        }
        file.write(checkpoint, false);
        written = checkpoint;
    }

    /** Writes the present offsets so that they survive the loss of power. */
    synchronized void writeForced() {
        LogCheckpoint checkpoint = offsets.checkpoint();
        clean = false;
        file.write(checkpoint, true);
        written = checkpoint;
    }

    synchronized void writeClean(LogCheckpoint checkpoint) {
        clean = true;
        file.write(checkpoint, false);
    }
}
