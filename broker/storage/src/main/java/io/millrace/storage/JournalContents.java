package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.storage.JournalFormat.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an earlier life of a broker left in its journal.
 *
 * <p>Read by one thread; then logs may be recovered from it on any threads, each log on one.
 */
public final class JournalContents {

    private static final System.Logger LOGGER = System.getLogger(JournalContents.class.getName());
    private static final long UNKNOWN = -1;
    private static final long FIRST_ROUND = 1;

    private final Disk disk;
    private final List<Path> files = new ArrayList<>();
    private final Map<LogId, LogHistory> histories = new LinkedHashMap<>();
    /** Where something was that nobody knows any more. */
    private Optional<String> loss = Optional.empty();

    private long nextRound = FIRST_ROUND;
    private long lastSerial;

    private JournalContents(Disk disk) {
        this.disk = disk;
    }

    /** Reads the journal in a directory, which may be missing. Damage is reported, and held against the logs that it hits. */
    public static JournalContents read(Disk disk, Path directory) {
        var contents = new JournalContents(disk);
        var bySequence = new TreeMap<Long, Path>();
        for (String name : disk.list(directory)) {
            if (name.endsWith(JournalFile.JOURNAL)) {
                JournalFiles.sequenceOf(name).ifPresent(sequence -> bySequence.put(sequence, directory.resolve(name)));
            }
        }
        long round = UNKNOWN;
        for (Map.Entry<Long, Path> file : bySequence.entrySet()) {
            round = contents.readFile(file.getKey(), file.getValue(), round);
        }
        contents.nextRound = round == UNKNOWN ? FIRST_ROUND : round;
        return contents;
    }

    /** The number that the next round is to have. */
    long nextRound() {
        return nextRound;
    }

    /** The greatest serial of all entries. */
    long lastSerial() {
        return lastSerial;
    }

    /** Answers the number of the round that should follow. */
    private long readFile(long sequence, Path path, long expectedRound) {
        ByteBuffer bytes = ByteBuffer.wrap(disk.read(path));
        Optional<Long> first = JournalFormat.firstRound(bytes, sequence);
        if (first.isPresent() && expectedRound != UNKNOWN && first.get() != expectedRound) {
            lose(path + " begins with round " + first.get() + " instead of " + expectedRound);
        }
        files.add(path);
        var rounds = new JournalScan(bytes, sequence, first.orElse(Math.max(expectedRound, FIRST_ROUND)));
        long round = rounds.read(files.size() - 1, this::take);
        rounds.damage().ifPresent(damage -> lose(path + ": " + damage));
        if (first.isPresent()) {
            return round;
        }
        // Its beginning goes to the medium with its first round; whether one is missing is seen by the number of the
        // next.
        if (rounds.isEmpty()) {
            return expectedRound;
        }
        lose(path + " does not begin as a file of the journal");
        return round;
    }

    private void lose(String what) {
        LOGGER.log(ERROR, () -> "The journal is damaged: " + what);
        loss = Optional.of(loss.map(before -> before + "; " + what).orElse(what));
    }

    private void take(Entry entry, int file, int position, ByteBuffer payload, boolean whole) {
        lastSerial = Math.max(lastSerial, entry.serial());
        LogHistory history = histories.computeIfAbsent(entry.log(), first -> new LogHistory());
        if (!whole) {
            LOGGER.log(
                    WARNING,
                    () -> "The journal is damaged in " + files.get(file) + " at byte " + position + ": an append to "
                            + entry.log() + " at offset " + entry.offset());
        }
        switch (entry.kind()) {
            case BATCHES -> history.appended(entry, file, position, whole);
            case TRUNCATED -> history.truncated(entry);
            case STARTED_OVER -> history.startedOver(entry);
            case CREATED ->
                history.created(
                        entry,
                        whole
                                ? Optional.of(
                                        StandardCharsets.UTF_8.decode(payload).toString())
                                : Optional.empty());
            case REQUIRED -> history.required(entry);
            case DELETED -> history.deleted(entry);
            case VOID -> {}
        }
    }

    /** The logs that the journal tells of. */
    public Set<LogId> logs() {
        return Set.copyOf(histories.keySet());
    }

    /** What the journal tells of a log; empty when nothing. */
    Optional<LogHistory> of(LogId log) {
        return Optional.ofNullable(histories.get(log));
    }

    /** What is damaged so that nobody knows which logs it hits; empty when nothing is. */
    public Optional<String> loss() {
        return loss;
    }

    /** The bytes of an append. */
    ByteBuffer read(LogHistory.Piece piece) {
        ByteBuffer bytes = ByteBuffer.allocate(piece.bytes());
        DiskFile file = disk.open(files.get(piece.file()));
        try {
            if (file.read(bytes, piece.position()) < piece.bytes()) {
                throw new StorageException(files.get(piece.file()) + " became shorter while it was read");
            }
            return bytes.flip();
        } finally {
            file.close();
        }
    }
}
