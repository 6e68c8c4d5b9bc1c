package io.millrace.storage;

import io.millrace.record.RecordBatch;
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
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that fails on request and forgets what was not forced.
 *
 * <p>Safe for threads, guarded by itself. Names that are made, removed or moved are durable at once, that of a replaced file when its directory is
 * forced; contents are when they are forced. Files that were open at a crash fail from then on.
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
        /** What the name stands for on the medium, as long as the name was not forced since this took it. */
        private @Nullable Contents former;

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

        private Contents copy() {
            Contents copy = new Contents();
            copy.set(Arrays.copyOf(bytes, size));
            copy.durable = durable.clone();
            copy.former = former == null ? null : former.copy();
            return copy;
        }

        /** All that the name may stand for after the power is lost, this first. */
        private List<Contents> candidates() {
            List<Contents> all = new ArrayList<>();
            for (Contents each = this; each != null; each = each.former) {
                all.add(each);
            }
            return all;
        }
    }

    private static final int LENGTH_AT = 8;
    private static final int LENGTH_END = 12;

    private final Map<Path, Contents> files = new TreeMap<>();
    private final Set<Path> directories = new TreeSet<>();
    private final Set<Path> locked = new HashSet<>();
    private BiPredicate<Operation, Path> faults = (operation, path) -> false;
    private Executor forcing = Runnable::run;
    private int tornWriteBytes = -1;
    private long capacityBytes = Long.MAX_VALUE;
    private int generation;
    private int openFiles;
    private int boots = 1;

    /** Another disk with the same names and contents. */
    public synchronized InMemoryDisk copy() {
        InMemoryDisk copy = new InMemoryDisk();
        copy.directories.addAll(directories);
        files.forEach((path, contents) -> copy.files.put(path, contents.copy()));
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

    /** From now on all files together hold at most so many bytes. A write that exceeds them leaves a part of itself, as a disk does. */
    public synchronized void limitTo(long bytes) {
        capacityBytes = bytes;
    }

    /** How many bytes all files hold. */
    public synchronized long usedBytes() {
        return files.values().stream().mapToLong(contents -> contents.size).sum();
    }

    /**
     * Changes one byte of a batch in the middle of a log, one that the batch's checksum covers.
     *
     * @return the changed file; empty when no file has two batches
     */
    public synchronized Optional<Path> damage(Random random, Predicate<Path> which) {
        List<Path> candidates = files.entrySet().stream()
                .filter(file -> file.getKey().toString().endsWith(".log") && which.test(file.getKey()))
                .filter(file -> batchesOf(file.getValue()).size() > 1)
                .map(Map.Entry::getKey)
                .toList();
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        Path damaged = candidates.get(random.nextInt(candidates.size()));
        Contents contents = files.get(damaged);
        List<Integer> batches = batchesOf(contents);
        int i = random.nextInt(batches.size() - 1);
        int covered = batches.get(i) + RecordBatch.HEADER_BYTES;
        contents.bytes[covered + random.nextInt(batches.get(i + 1) - covered)] ^= (byte) (1 << random.nextInt(8));
        return Optional.of(damaged);
    }

    /** Changes the last byte of the first batch at or behind an offset, in each log that has one. */
    public synchronized void damageBeyond(long offset) {
        files.forEach((path, contents) -> {
            List<Integer> batches = path.toString().endsWith(".log") ? batchesOf(contents) : List.of();
            ByteBuffer bytes = ByteBuffer.wrap(contents.bytes);
            batches.stream()
                    .filter(at -> bytes.getLong(at) >= offset)
                    .findFirst()
                    .ifPresent(at -> contents.bytes[at + LENGTH_END + bytes.getInt(at + LENGTH_AT) - 1] ^= 1);
        });
    }

    private static List<Integer> batchesOf(Contents contents) {
        List<Integer> positions = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(contents.bytes);
        int at = 0;
        while (at + RecordBatch.HEADER_BYTES <= contents.size) {
            positions.add(at);
            int length = bytes.getInt(LENGTH_AT + at);
            if (length <= 0 || length > contents.size) {
                // What a loss of power left is no batch.
                break;
            }
            at += LENGTH_END + length;
        }
        return positions;
    }

    /** The process is gone: locks and open files with it; all that was written stays. */
    public synchronized void killProcess() {
        generation++;
        locked.clear();
        openFiles = 0;
    }

    /** From now on files say that they are forced, and are when the executor runs what it is given. */
    public synchronized void forceThrough(Executor executor) {
        forcing = executor;
    }

    /** The operating system happens to have written these files to the medium. */
    public synchronized void writeBack(Predicate<Path> which) {
        files.forEach((path, contents) -> {
            if (which.test(path)) {
                contents.force();
                contents.former = null;
            }
        });
    }

    /** The power is gone: what was not forced is lost. */
    public synchronized void losePower() {
        losePower(new Random(0), 0);
    }

    /** The power is gone: of what was appended and not forced, a file keeps the beginning, with a probability. */
    public synchronized void losePower(Random random, double keepProbability) {
        killProcess();
        boots++;
        files.replaceAll((path, contents) -> {
            List<Contents> candidates = contents.candidates();
            return candidates.get(candidates.size() - 1); // no name that was not forced is on the medium
        });
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

    /** The power is gone: of what was written and not forced, each page and each name may have reached the medium or not, in any order. */
    public synchronized void losePowerAmongPages(Random random, int pageBytes) {
        killProcess();
        boots++;
        files.replaceAll((path, contents) -> {
            List<Contents> candidates = contents.candidates();
            Contents kept = candidates.get(candidates.size() == 1 ? 0 : random.nextInt(candidates.size()));
            kept.former = null;
            return kept;
        });
        for (Contents contents : files.values()) {
            byte[] kept = Arrays.copyOf(contents.durable, Math.max(contents.durable.length, contents.size));
            int end = contents.durable.length;
            for (int at = 0; at < contents.size; at += pageBytes) {
                if (random.nextBoolean()) {
                    int bytes = Math.min(pageBytes, contents.size - at);
                    System.arraycopy(contents.bytes, at, kept, at, bytes);
                    end = Math.max(end, at + bytes);
                }
            }
            contents.set(Arrays.copyOf(kept, end));
            contents.durable = Arrays.copyOf(kept, end);
        }
    }

    /** How many files are open, to find those that nobody closed. */
    public synchronized int openFiles() {
        return openFiles;
    }

    private void check(Operation operation, Path path) {
        if (faults.test(operation, path)) {
            throw new DiskFailedException("This disk was told to fail: " + operation + " " + path);
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
        if (contents.length > usableBytes(file)) {
            throw new DiskFullException("No room for " + contents.length + " bytes of " + file);
        }
        Contents replacing = new Contents();
        replacing.set(contents);
        replacing.former = files.put(file, replacing);
        if (forced) {
            replacing.force();
            forceNames(file.getParent());
        }
    }

    private void forceNames(Path directory) {
        files.forEach((path, contents) -> {
            if (directory.equals(path.getParent())) {
                contents.former = null;
            }
        });
    }

    @Override
    public synchronized long usableBytes(Path directory) {
        return capacityBytes == Long.MAX_VALUE ? capacityBytes : Math.max(0, capacityBytes - usedBytes());
    }

    @Override
    public synchronized Optional<String> bootId() {
        return Optional.of("boot-" + boots);
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
        forceNames(directory);
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
                    throw new DiskFailedException("This disk was told to tear a write of " + path);
                }
                long at = position;
                for (ByteBuffer source : sources) {
                    int bytes = source.remaining();
                    writeWhatFits(source, at);
                    at += bytes;
                }
            }
        }

        private void writeWhatFits(ByteBuffer source, long at) {
            long more = at + source.remaining() - contents.size;
            long missing = more - usableBytes(path);
            if (more > 0 && missing > 0) {
                source.limit((int) Math.max(source.position(), source.limit() - missing));
                contents.write(source, at);
                throw new DiskFullException("No room for the last " + missing + " bytes of a write of " + path);
            }
            contents.write(source, at);
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
                forcing.execute(this::forceNow);
            }
        }

        private void forceNow() {
            synchronized (InMemoryDisk.this) {
                if (openedIn == generation) {
                    contents.force();
                }
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
