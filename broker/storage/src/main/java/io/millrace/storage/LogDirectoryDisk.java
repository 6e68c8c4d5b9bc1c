package io.millrace.storage;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The disk under one log directory: tells when it fails, and lets segments that are not privileged grow only while there is room to
 * spare.
 *
 * <p>Safe for threads as the disk is.
 *
 * @param privileged whether segments may take the last bytes, too
 */
record LogDirectoryDisk(Disk disk, LogDirectoryHealth health, FreeSpace space, boolean privileged) implements Disk {

    /** The same disk for logs that may take the last bytes. */
    LogDirectoryDisk forPrivileged() {
        return new LogDirectoryDisk(disk, health, space, true);
    }

    private <T> T watch(Supplier<T> operation) {
        try {
            return health.watch(operation);
        } catch (DiskFullException e) {
            throw space.explained(e);
        }
    }

    private void watchVoid(Runnable operation) {
        watch(() -> {
            operation.run();
            return true;
        });
    }

    @Override
    public void createDirectory(Path directory) {
        watchVoid(() -> disk.createDirectory(directory));
    }

    @Override
    public List<String> list(Path directory) {
        return watch(() -> disk.list(directory));
    }

    @Override
    public boolean exists(Path path) {
        return watch(() -> disk.exists(path));
    }

    @Override
    public DiskFile open(Path file) {
        boolean isBounded = !privileged && String.valueOf(file.getFileName()).endsWith(LogFiles.LOG);
        return watch(() -> new WatchedFile(disk.open(file), isBounded));
    }

    @Override
    public byte[] read(Path file) {
        return watch(() -> disk.read(file));
    }

    @Override
    public void replace(Path file, byte[] contents, boolean forced) {
        watchVoid(() -> disk.replace(file, contents, forced));
    }

    @Override
    public long usableBytes(Path directory) {
        return watch(() -> disk.usableBytes(directory));
    }

    @Override
    public void delete(Path path) {
        watchVoid(() -> disk.delete(path));
    }

    @Override
    public void move(Path from, Path to) {
        watchVoid(() -> disk.move(from, to));
    }

    @Override
    public void forceDirectory(Path directory) {
        watchVoid(() -> disk.forceDirectory(directory));
    }

    @Override
    public Optional<String> bootId() {
        return disk.bootId();
    }

    @Override
    public Lock lock(Path file) {
        return watch(() -> disk.lock(file));
    }

    /** A file whose failures are its directory's. */
    private final class WatchedFile implements DiskFile {
        private final DiskFile file;
        private final boolean isBounded;

        WatchedFile(DiskFile file, boolean isBounded) {
            this.file = file;
            this.isBounded = isBounded;
        }

        @Override
        public long size() {
            return watch(file::size);
        }

        @Override
        public void write(ByteBuffer[] sources, long position) {
            if (isBounded) {
                long bytes = 0;
                for (ByteBuffer source : sources) {
                    bytes += source.remaining();
                }
                space.take(bytes);
            }
            watchVoid(() -> file.write(sources, position));
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int bytes = watch(() -> file.read(target, position));
            health.countRead(bytes);
            return bytes;
        }

        @Override
        public void truncate(long size) {
            watchVoid(() -> file.truncate(size));
        }

        @Override
        public void force() {
            watchVoid(file::force);
        }

        @Override
        public Optional<FileChannel> channel() {
            return file.channel();
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
