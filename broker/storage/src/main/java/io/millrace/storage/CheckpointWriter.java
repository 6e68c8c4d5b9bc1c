package io.millrace.storage;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the checkpoint of a log on disk.
 *
 * <p>Safe for threads. Invariant: a checkpoint that says "clean" is gone from the disk before the log changes.
 */
final class CheckpointWriter {

    private final LogFiles files;
    private final LogOffsets offsets;
    private volatile boolean clean;
    private @Nullable LogCheckpoint written;

    CheckpointWriter(LogFiles files, LogOffsets offsets, boolean clean) {
        this.files = files;
        this.offsets = offsets;
        this.clean = clean;
    }

    /** Before the first change: what is on disk may say "clean" no longer. */
    void markDirty() {
        if (clean) {
            writeDirty();
        }
    }

    /** Before a change that the checkpoint must tell of: writes the present offsets. */
    void writeDirty() {
        clean = false;
        write();
    }

    /** Writes the present offsets, unless they are on disk already or a clean checkpoint is. */
    synchronized void write() {
        LogCheckpoint checkpoint = offsets.checkpoint();
        if (clean || checkpoint.equals(written)) {
            return;
        }
        checkpoint.write(files, false);
        written = checkpoint;
    }

    synchronized void writeClean(LogCheckpoint checkpoint) {
        clean = true;
        checkpoint.write(files, false);
    }
}
