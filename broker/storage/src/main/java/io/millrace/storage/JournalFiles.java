package io.millrace.storage;

import static java.lang.System.Logger.Level.DEBUG;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The files of the journal: one being written, full ones behind it, and free ones to be used again.
 *
 * <p>The thread of the rounds writes; files become free on any thread. Guarded by itself.
 */
final class JournalFiles {

    private static final System.Logger LOGGER = System.getLogger(JournalFiles.class.getName());

    private final Disk disk;
    private final Path directory;
    private final JournalConfiguration configuration;

    /** Oldest first. */
    private final Deque<JournalFile> full = new ArrayDeque<>();
    /** Files whose contents nobody needs; the names they have now. */
    private final Deque<Path> free = new ArrayDeque<>();
    /** Files of an earlier life. */
    private final List<Path> earlier = new ArrayList<>();

    private @Nullable JournalFile current;
    private long nextSequence = 1;
    private long nextRound;

    private JournalFiles(Disk disk, Path directory, JournalConfiguration configuration, long nextRound) {
        this.disk = disk;
        this.directory = directory;
        this.configuration = configuration;
        this.nextRound = nextRound;
    }

    /** Goes on behind what an earlier life left, which stays until {@link #freeEarlier}. */
    static JournalFiles open(Disk disk, Path directory, JournalConfiguration configuration, long nextRound) {
        disk.createDirectory(directory);
        List<String> names = new ArrayList<>(disk.list(directory));
        names.sort(null);
        var files = new JournalFiles(disk, directory, configuration, nextRound);
        for (String name : names) {
            Optional<Long> sequence = sequenceOf(name);
            if (sequence.isPresent()) {
                files.nextSequence = Math.max(files.nextSequence, sequence.get() + 1);
                (name.endsWith(JournalFile.FREE) ? files.free : files.earlier).add(directory.resolve(name));
            }
        }
        return files;
    }

    /** Nothing of what an earlier life left is needed any more. */
    synchronized void freeEarlier() {
        for (Path path : earlier) {
            sequenceOf(String.valueOf(path.getFileName())).ifPresent(sequence -> free.add(freed(path, sequence)));
        }
        earlier.clear();
        while (free.size() > configuration.filesMax()) {
            disk.delete(free.removeFirst());
        }
        disk.forceDirectory(directory);
    }

    private Path freed(Path file, long sequence) {
        Path freed = JournalFile.named(directory, sequence, JournalFile.FREE);
        if (!freed.equals(file)) {
            disk.move(file, freed);
        }
        return freed;
    }

    static Optional<Long> sequenceOf(String name) {
        int dot = name.indexOf('.');
        boolean isOurs = name.endsWith(JournalFile.JOURNAL) || name.endsWith(JournalFile.FREE);
        try {
            return isOurs ? Optional.of(Long.parseLong(name.substring(0, dot))) : Optional.empty();
        } catch (NumberFormatException somethingElse) {
            return Optional.empty();
        }
    }

    /** The file that takes a round of this size; empty when all are full, and the oldest must be freed first. */
    synchronized Optional<JournalFile> fileFor(int bytes) {
        JournalFile present = current;
        if (present != null && present.end() + bytes <= configuration.fileBytes()) {
            return Optional.of(present);
        }
        endCurrent();
        if (full.size() >= configuration.filesMax()) {
            return Optional.empty();
        }
        current = begin();
        return Optional.of(current);
    }

    private JournalFile begin() {
        long sequence = nextSequence++;
        Path path = JournalFile.named(directory, sequence, JournalFile.JOURNAL);
        Path recycled = free.pollFirst();
        if (recycled != null) {
            disk.move(recycled, path);
        }
        var file = new JournalFile(disk, path, sequence);
        try {
            file.begin(nextRound, configuration.fileBytes());
        } catch (DiskFullException e) {
            file.close();
            disk.delete(path);
            throw e;
        }
        disk.forceDirectory(directory);
        LOGGER.log(DEBUG, () -> "The journal goes on in " + path);
        return file;
    }

    /** Nothing is written any more to the file that is being written; false when there is no file that could be freed then. */
    synchronized boolean endCurrent() {
        JournalFile present = current;
        if (present != null) {
            full.add(present);
            current = null;
        }
        return !full.isEmpty();
    }

    /** How many files hold entries. */
    synchronized int inUseCount() {
        return full.size() + (current == null ? 0 : 1);
    }

    /** Writes a round into a file and returns when it is on the medium. */
    void write(JournalFile file, JournalRound round) {
        ByteBuffer bytes = round.seal(file.sequence(), nextRound);
        file.append(bytes, configuration.fileBytes());
        file.force();
        nextRound++;
        round.marks().forEach((log, mark) -> file.lastSerials().put(log, mark.serial()));
    }

    /** Whether so many files are full that the oldest should be freed. */
    synchronized boolean isFreeingDue() {
        return full.size() >= Math.max(1, configuration.filesMax() / 2);
    }

    /** The oldest full file, if there is one. */
    synchronized Optional<JournalFile> oldestFull() {
        return Optional.ofNullable(full.peekFirst());
    }

    /** Nothing of the oldest full file is needed any more. */
    synchronized void free(JournalFile oldest) {
        if (full.peekFirst() == oldest) {
            full.removeFirst();
            oldest.close();
            free.add(oldest.path());
        }
    }

    /** All files that hold entries, oldest first. */
    synchronized List<JournalFile> inUse() {
        var all = new ArrayList<>(full);
        if (current != null) {
            all.add(current);
        }
        return all;
    }

    /** Closes all files. With {@code settled} nothing in them is needed any more. */
    synchronized void close(boolean settled) {
        for (JournalFile file : inUse()) {
            file.close();
            if (settled) {
                freed(file.path(), file.sequence());
            }
        }
        if (settled) {
            for (Path path : free) {
                sequenceOf(String.valueOf(path.getFileName())).ifPresent(sequence -> freed(path, sequence));
            }
            disk.forceDirectory(directory);
        }
        full.clear();
        free.clear();
        current = null;
    }
}
