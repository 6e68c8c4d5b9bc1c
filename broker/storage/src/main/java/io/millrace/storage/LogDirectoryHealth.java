package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the disk of a log directory can be relied on.
 *
 * <p>Safe for threads.
 *
 * <pre>
 * online --an operation throws DiskFailedException--> offline until the process ends
 * </pre>
 */
final class LogDirectoryHealth {

    private static final System.Logger LOGGER = System.getLogger(LogDirectoryHealth.class.getName());

    private final Path root;
    private final AtomicReference<@Nullable LogDirectoryOfflineException> failure = new AtomicReference<>();
    private final AtomicReference<@Nullable Runnable> listener = new AtomicReference<>();
    private final LongAdder readBytes = new LongAdder();

    LogDirectoryHealth(Path root) {
        this.root = root;
    }

    /** Runs once when the directory fails, at once if it has failed already; on the thread that met the failure, so it must not wait. */
    void onFailure(Runnable callback) {
        listener.set(callback);
        if (failure.get() != null) {
            tell();
        }
    }

    Optional<LogDirectoryOfflineException> failure() {
        return Optional.ofNullable(failure.get());
    }

    /** Runs an operation of the disk, unless the directory is offline, and takes the directory offline when the disk fails. */
    <T> T watch(Supplier<T> operation) {
        LogDirectoryOfflineException earlier = failure.get();
        if (earlier != null) {
            throw new LogDirectoryOfflineException(String.valueOf(earlier.getMessage()), earlier);
        }
        try {
            return operation.get();
        } catch (DiskFailedException e) {
            throw fail(e);
        }
    }

    private LogDirectoryOfflineException fail(DiskFailedException cause) {
        var offline = new LogDirectoryOfflineException(
                "The log directory " + root + " is offline since its disk failed: " + cause.getMessage(), cause);
        if (failure.compareAndSet(null, offline)) {
            LOGGER.log(
                    ERROR,
                    () -> "The log directory " + root + " goes offline, and all replicas in it: " + cause.getMessage()
                            + ". Look after its disk, then start the broker again");
            tell();
        }
        return offline;
    }

    private void tell() {
        Runnable callback = listener.getAndSet(null);
        if (callback != null) {
            callback.run();
        }
    }

    void countRead(long bytes) {
        readBytes.add(bytes);
    }

    /** How many bytes were read from files since the directory was opened. */
    long readBytes() {
        return readBytes.sum();
    }
}
