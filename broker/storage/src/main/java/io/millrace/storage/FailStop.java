package io.millrace.storage;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends the changes of a log for good when its disk fails: nobody knows then what is on the medium. A full disk is no such failure.
 *
 * <p>Safe for threads.
 *
 * <pre>
 * usable --close--> closed
 *   +--a change fails--> failed: reads go on, all else throws until the log is opened again
 * </pre>
 */
final class FailStop {

    private final Path directory;
    private volatile @Nullable StorageException failure;
    private volatile boolean closed;

    FailStop(Path directory) {
        this.directory = directory;
    }

    /** Throws a {@link StorageException} when the disk has failed or the log is closed. */
    void ensureUsable() {
        StorageException earlier = failure;
        if (earlier != null) {
            throw new StorageException("The log " + directory + " is offline since its disk failed", earlier);
        }
        if (closed) {
            throw new StorageException("The log " + directory + " is closed");
        }
    }

    /** Runs what changes the disk and can be tried again when there was no room for it; notes it when that fails otherwise. */
    <T> T change(Supplier<T> change) {
        try {
            return change.get();
        } catch (DiskFullException e) {
            throw e;
        } catch (StorageException e) {
            failure = e;
            throw e;
        }
    }

    /** Runs what leaves the log half changed when it fails, be it for want of room. */
    <T> T changeWhole(Supplier<T> change) {
        try {
            return change.get();
        } catch (StorageException e) {
            failure = e;
            throw e;
        }
    }

    /** Ends the changes: what was written before may be lost. */
    void fail(StorageException cause) {
        failure = cause;
    }

    boolean hasFailed() {
        return failure != null;
    }

    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }
}
