package io.millrace.storage;

import java.nio.file.Path;

/**
 * The claim of a broker to a log directory: the lock, the file that says whose it is, and the mark of one that was found empty.
 *
 * <p>Guarded by its directory.
 */
final class LogDirectoryClaim implements AutoCloseable {

    private static final String LOCK_FILE = ".lock";
    private static final String UNPROVEN_FILE = "unproven";

    private final LogDirectoryDisk disk;
    private final Path root;
    private final Disk.Lock lock;

    private LogDirectoryClaim(LogDirectoryDisk disk, Path root, Disk.Lock lock) {
        this.disk = disk;
        this.root = root;
        this.lock = lock;
    }

    /**
     * Locks the directory, which is created when it is missing, and checks whose it is.
     *
     * @throws StorageException when another process has it open, or it belongs to another cluster or broker
     */
    static LogDirectoryClaim take(LogDirectoryDisk disk, Path root, LogDirectory.Identity identity) {
        Disk unwatched = disk.disk();
        unwatched.createDirectory(root);
        Disk.Lock lock = unwatched.lock(root.resolve(LOCK_FILE));
        try {
            if (!unwatched.exists(root.resolve(MetaProperties.FILE))) {
                unwatched.replace(root.resolve(UNPROVEN_FILE), new byte[0], true);
            }
            MetaProperties.claim(unwatched, root, identity);
            return new LogDirectoryClaim(disk, root, lock);
        } catch (StorageException e) {
            lock.close();
            throw e;
        }
    }

    /** See {@link LogDirectory#isUnproven}. */
    boolean isUnproven() {
        return disk.exists(root.resolve(UNPROVEN_FILE));
    }

    /** No log is missing. That stays known when the power is lost. */
    void prove() {
        if (isUnproven()) {
            disk.delete(root.resolve(UNPROVEN_FILE));
            disk.forceDirectory(root);
        }
    }

    /** Fails the directory unless the files that claim it are still there: a file system may have been unmounted from under it. */
    void ensureKept() {
        disk.health().watch(() -> {
            Path claim = root.resolve(MetaProperties.FILE);
            if (!disk.disk().exists(claim)) {
                throw new DiskFailedException(claim + " has vanished; was its file system unmounted?");
            }
            return true;
        });
    }

    /** Lets others have the directory. */
    @Override
    public void close() {
        lock.close();
    }
}
