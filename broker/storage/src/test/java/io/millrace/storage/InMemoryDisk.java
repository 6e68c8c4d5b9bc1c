package io.millrace.storage;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * A disk in memory that fails on request and forgets what was not forced.
 *
 * <p>Safe for threads, guarded by itself. Names are durable at once, contents when they are forced. Files that were open at
 * a crash fail from then on.
 */
public final class InMemoryDisk implements Disk {

    /** What a fault can hit. */
    public enum Operation {
        OPEN,
        READ,
        WRITE,
        REPLACE,
        TRUNCATE,
        FORCE,
        DELETE,
        MOVE
    }

    private static final class Contents {
        private byte[] bytes = new byte[0];
        private int size;
        private byte[] durable = new byte[0];

        private void write(ByteBuffer source, long position) {
            int end = (int) position + source.remaining();
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
            }
            source.get(bytes, (int) position, source.remaining());
            size = Math.max(size, end);
        }

        private void truncate(long newSize) {
            if (newSize < size) {
                Arrays.fill(bytes, (int) newSize, size, (byte) 0);
                size = (int) newSize;
            }
        }

        private void force() {
            durable = Arrays.copyOf(bytes, size);
        }

        private void set(byte[] whole) {
            bytes = whole.clone();
            size = whole.length;
        }
    }

    private final Map<Path, Contents> files = new TreeMap<>();
    private final Set<Path> directories = new TreeSet<>();
    private final Set<Path> locked = new HashSet<>();
    private BiPredicate<Operation, Path> faults = (operation, path) -> false;
    private int tornWriteBytes = -1;
    private int generation;
    private int openFiles;

    /** Another disk with the same names and contents. */
    public synchronized InMemoryDisk copy() {
        InMemoryDisk copy = new InMemoryDisk();
        copy.directories.addAll(directories);
        files.forEach((path, contents) -> {
            Contents cloned = new Contents();
            cloned.set(Arrays.copyOf(contents.bytes, contents.size));
            cloned.durable = contents.durable.clone();
            copy.files.put(path, cloned);
        });
        return copy;
    }

    // ---- faults

    /** From now on the operations fail for which this holds. */
    public synchronized void failWhen(BiPredicate<Operation, Path> condition) {
        faults = condition;
    }

    public void heal() {
        failWhen((operation, path) -> false);
    }

    /** The next write of a log puts only its first bytes on the disk and fails. */
    public synchronized void tearNextWrite(int bytes) {
        tornWriteBytes = bytes;
    }

    /** The process is gone: locks and open files with it; all that was written stays. */
    public synchronized void killProcess() {
        generation++;
        locked.clear();
        openFiles = 0;
    }

    /** The power is gone: what was not forced is lost. */
    public synchronized void losePower() {
        losePower(new Random(0), 0);
    }

    /** The power is gone: of what was appended and not forced, a file keeps the beginning, with a probability. */
    public synchronized void losePower(Random random, double keepProbability) {
        killProcess();
        for (Contents contents : files.values()) {
            byte[] kept = contents.durable;
            if (contents.size > kept.length && random.nextDouble() < keepProbability) {
                int extra = random.nextInt(contents.size - kept.length + 1);
                kept = Arrays.copyOf(kept, kept.length + extra);
                System.arraycopy(contents.bytes, contents.durable.length, kept, contents.durable.length, extra);
            }
            contents.set(kept);
            contents.durable = kept.clone();
        }
    }

    /** How many files are open, to find those that nobody closed. */
    public synchronized int openFiles() {
        return openFiles;
    }

    private void check(Operation operation, Path path) {
        if (faults.test(operation, path)) {
            throw new StorageException("This disk was told to fail: " + operation + " " + path);
        }
    }

    // ---- the disk

    @Override
    public synchronized void createDirectory(Path directory) {
        for (Path path = directory; path != null; path = path.getParent()) {
            directories.add(path);
        }
    }

    @Override
    public synchronized List<String> list(Path directory) {
        Set<String> names = new TreeSet<>();
        for (Path path : files.keySet()) {
            if (directory.equals(path.getParent())) {
                names.add(path.getFileName().toString());
            }
        }
        for (Path path : directories) {
            if (directory.equals(path.getParent())) {
                names.add(path.getFileName().toString());
            }
        }
        return new ArrayList<>(names);
    }

    @Override
    public synchronized boolean exists(Path path) {
        return files.containsKey(path) || directories.contains(path);
    }

    @Override
    public synchronized DiskFile open(Path file) {
        check(Operation.OPEN, file);
        requireDirectory(file);
        openFiles++;
        return new OpenFile(file, files.computeIfAbsent(file, missing -> new Contents()), generation);
    }

    private void requireDirectory(Path file) {
        if (!directories.contains(file.getParent())) {
            throw new StorageException("There is no directory for " + file);
        }
    }

    @Override
    public synchronized byte[] read(Path file) {
        check(Operation.READ, file);
        Contents contents = files.get(file);
        if (contents == null) {
            throw new StorageException("There is no file " + file);
        }
        return Arrays.copyOf(contents.bytes, contents.size);
    }

    @Override
    public synchronized void replace(Path file, byte[] contents, boolean forced) {
        check(Operation.REPLACE, file);
        requireDirectory(file);
        Contents replaced = files.computeIfAbsent(file, missing -> new Contents());
        replaced.set(contents);
        if (forced) {
            replaced.force();
        }
    }

    @Override
    public synchronized void delete(Path path) {
        check(Operation.DELETE, path);
        files.keySet().removeIf(file -> file.startsWith(path));
        directories.removeIf(directory -> directory.startsWith(path));
    }

    @Override
    public synchronized void move(Path from, Path to) {
        check(Operation.MOVE, from);
        if (!exists(from)) {
            throw new StorageException("There is no " + from + " to rename");
        }
        for (Path path : List.copyOf(files.keySet())) {
            if (path.startsWith(from)) {
                files.put(to.resolve(from.relativize(path)), files.remove(path));
            }
        }
        for (Path path : List.copyOf(directories)) {
            if (path.startsWith(from)) {
                directories.remove(path);
                directories.add(to.resolve(from.relativize(path)));
            }
        }
    }

    @Override
    public synchronized void forceDirectory(Path directory) {
        check(Operation.FORCE, directory);
    }

    @Override
    public synchronized Lock lock(Path file) {
        if (!locked.add(file)) {
            throw new StorageException(file + " is locked");
        }
        return () -> {
            synchronized (this) {
                locked.remove(file);
            }
        };
    }

    private final class OpenFile implements DiskFile {
        private final Path path;
        private final Contents contents;
        private final int openedIn;
        private boolean closed;

        private OpenFile(Path path, Contents contents, int openedIn) {
            this.path = path;
            this.contents = contents;
            this.openedIn = openedIn;
        }

        private void begin(Operation operation) {
            if (closed || openedIn != generation) {
                throw new StorageException(path + " is closed");
            }
            check(operation, path);
        }

        @Override
        public long size() {
            synchronized (InMemoryDisk.this) {
                begin(Operation.READ);
                return contents.size;
            }
        }

        @Override
        public void write(ByteBuffer[] sources, long position) {
            synchronized (InMemoryDisk.this) {
                begin(Operation.WRITE);
                if (tornWriteBytes >= 0 && path.toString().endsWith(".log")) {
                    contents.write(sources[0].slice(sources[0].position(), tornWriteBytes), position);
                    tornWriteBytes = -1;
                    throw new StorageException("This disk was told to tear a write of " + path);
                }
                long at = position;
                for (ByteBuffer source : sources) {
                    int bytes = source.remaining();
                    contents.write(source, at);
                    at += bytes;
                }
            }
        }

        @Override
        public int read(ByteBuffer target, long position) {
            synchronized (InMemoryDisk.this) {
                begin(Operation.READ);
                int bytes = (int) Math.max(0, Math.min(target.remaining(), contents.size - position));
                target.put(contents.bytes, (int) Math.min(position, contents.size), bytes);
                return bytes;
            }
        }

        @Override
        public void truncate(long size) {
            synchronized (InMemoryDisk.this) {
                begin(Operation.TRUNCATE);
                contents.truncate(size);
            }
        }

        @Override
        public void force() {
            synchronized (InMemoryDisk.this) {
                begin(Operation.FORCE);
                contents.force();
            }
        }

        @Override
        public Optional<FileChannel> channel() {
            return Optional.empty();
        }

        @Override
        public void close() {
            synchronized (InMemoryDisk.this) {
                if (!closed && openedIn == generation) {
                    openFiles--;
                }
                closed = true;
            }
        }
    }
}
