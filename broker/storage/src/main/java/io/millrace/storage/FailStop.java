package io.millrace.storage;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends the changes of a log for good when its disk fails: nobody knows then what is on the medium.
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

    /** Runs what changes the disk, and notes it when that fails. */
    <T> T change(Supplier<T> change) {
        try {
            return change.get();
        } catch (StorageException e) {
            failure = e;
            throw e;
        }
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
