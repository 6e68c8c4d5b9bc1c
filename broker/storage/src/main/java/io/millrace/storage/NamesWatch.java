package io.millrace.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The disk under one log, which knows whether names were made, removed or changed in it: where none were, the directory needs not be forced again.
 *
 * <p>Safe for threads as the disk is.
 */
final class NamesWatch implements Disk {

    private final Disk disk;
    private final AtomicLong changes = new AtomicLong();
    /** How many changes there had been when a directory was forced; all of them were in it. */
    private final AtomicLong forcedChanges = new AtomicLong(-1);

    NamesWatch(Disk disk) {
        this.disk = disk;
    }

    /** Forces the directory of the log, unless it has been since the last change of a name. What others do meanwhile may be missed. */
    void forceIfChanged(Path directory) {
        long covered = changes.get();
        if (covered != forcedChanges.get()) {
            disk.forceDirectory(directory);
            forcedChanges.set(covered);
        }
    }

    /** Counts behind the operation: whoever sees the count forces what it did, and whoever does not forces once more. */
    private void change(Runnable operation) {
        try {
            operation.run();
        } finally {
            changes.incrementAndGet();
        }
    }

    @Override
    public DiskFile open(Path file) {
        if (disk.exists(file)) {
            return disk.open(file);
        }
        try {
            return disk.open(file);
        } finally {
            changes.incrementAndGet();
        }
    }

    @Override
    public void replace(Path file, byte[] contents, boolean forced) {
        change(() -> disk.replace(file, contents, forced));
    }

    @Override
    public void delete(Path path) {
        change(() -> disk.delete(path));
    }

    @Override
    public void move(Path from, Path to) {
        change(() -> disk.move(from, to));
    }

    @Override
    public void createDirectory(Path directory) {
        disk.createDirectory(directory);
    }

    @Override
    public List<String> list(Path directory) {
        return disk.list(directory);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public byte[] read(Path file) {
        return disk.read(file);
    }

    @Override
    public long usableBytes(Path directory) {
        return disk.usableBytes(directory);
    }

    @Override
    public void forceDirectory(Path directory) {
        disk.forceDirectory(directory);
    }

    @Override
    public Optional<String> bootId() {
        return disk.bootId();
    }

    @Override
    public Lock lock(Path file) {
        return disk.lock(file);
    }
}
