package io.millrace.storage;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the checkpoint of a log on disk.
 *
 * <p>Safe for threads. Invariant: a checkpoint that says "clean" is gone from the disk before the log changes.
 */
final class CheckpointWriter {

    private final LogFiles files;
    private volatile boolean clean;
    private @Nullable LogCheckpoint written;

    CheckpointWriter(LogFiles files, boolean clean) {
        this.files = files;
        this.clean = clean;
    }

    /** Before the first change: runs what writes a checkpoint that is not clean. */
    void markDirty(Runnable write) {
        if (clean) {
            clean = false;
            write.run();
        }
    }

    /** Writes the present state, unless it is on disk already or a clean one is. */
    synchronized void write(Supplier<LogCheckpoint> present) {
        LogCheckpoint checkpoint = present.get();
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
