package io.millrace.storage;

import static java.lang.System.Logger.Level.WARNING;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which leader epoch begins at which offset of a log (KIP-101), kept in a file.
 *
 * <p>Changed by the owner of the log, asked by any thread. Invariant: both epochs and offsets rise; the file has all of them, or lacks the last ones
 * as long as these begin at or above the recovery point, from where the batches tell them again. Without the file, all batches are asked.
 */
final class LeaderEpochs {

    private static final System.Logger LOGGER = System.getLogger(LeaderEpochs.class.getName());

    private static final int MAGIC = 0x4D4C4531;
    private static final int ENTRY_BYTES = Integer.BYTES + Long.BYTES;

    /** One epoch and the offset of the first record that was or will be written in it. */
    record Entry(int leaderEpoch, long startOffset) {}

    private final LogFiles files;
    private volatile List<Entry> entries;
    /** The entries that the file has on the medium; null where that is not known. */
    private @Nullable List<Entry> forcedEntries;

    private LeaderEpochs(LogFiles files, List<Entry> entries) {
        this.files = files;
        this.entries = entries;
    }

    static LeaderEpochs empty(LogFiles files) {
        return new LeaderEpochs(files, List.of());
    }

    /** What was written last; empty when the file is missing or damaged. */
    static Optional<LeaderEpochs> read(LogFiles files) {
        return ChecksummedFile.read(files.disk(), files.leaderEpochs(), MAGIC)
                .filter(contents -> contents.remaining() % ENTRY_BYTES == 0)
                .map(contents -> new LeaderEpochs(files, decode(contents)));
    }

    private static List<Entry> decode(ByteBuffer contents) {
        List<Entry> entries = new ArrayList<>();
        while (contents.hasRemaining()) {
            entries.add(new Entry(contents.getInt(), contents.getLong()));
        }
        return List.copyOf(entries);
    }

    /**
     * Remembers that an epoch begins at an offset, at or above the end of the log; on disk with the next {@link #write}, because
     * thousands of partitions may be led anew at a time. Does nothing when the epoch is known to begin there or before; entries that
     * contradict the new one are dropped, on disk at once.
     */
    boolean assign(int leaderEpoch, long startOffset) {
        List<Entry> before = entries;
        Entry last = before.isEmpty() ? null : before.get(before.size() - 1);
        if (last != null && last.leaderEpoch() == leaderEpoch && last.startOffset() <= startOffset) {
            return false;
        }
        List<Entry> after = new ArrayList<>();
        for (Entry entry : before) {
            if (entry.leaderEpoch() < leaderEpoch && entry.startOffset() < startOffset) {
                after.add(entry);
            }
        }
        after.add(new Entry(leaderEpoch, startOffset));
        if (after.size() > before.size()) {
            entries = List.copyOf(after);
        } else {
            replace(after);
        }
        return true;
    }

    OptionalInt latest() {
        List<Entry> current = entries;
        return current.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(current.get(current.size() - 1).leaderEpoch());
    }

    OptionalLong startOffsetOf(int leaderEpoch) {
        for (Entry entry : entries) {
            if (entry.leaderEpoch() == leaderEpoch) {
                return OptionalLong.of(entry.startOffset());
            }
        }
        return OptionalLong.empty();
    }

    /** The epoch in which the record at an offset was written; empty when the log does not know. */
    OptionalInt epochAt(long offset) {
        OptionalInt found = OptionalInt.empty();
        for (Entry entry : entries) {
            if (entry.startOffset() <= offset) {
                found = OptionalInt.of(entry.leaderEpoch());
            }
        }
        return found;
    }

    EpochEndOffset endOffsetFor(int leaderEpoch, long logEndOffset) {
        List<Entry> current = entries;
        if (leaderEpoch < 0 || current.isEmpty()) {
            return EpochEndOffset.UNDEFINED;
        }
        Entry floor = null;
        for (Entry entry : current) {
            if (entry.leaderEpoch() > leaderEpoch) {
                int epoch = floor == null ? leaderEpoch : floor.leaderEpoch();
                return new EpochEndOffset(epoch, entry.startOffset());
            }
            floor = entry;
        }
        return floor != null && floor.leaderEpoch() == leaderEpoch
                ? new EpochEndOffset(leaderEpoch, logEndOffset)
                : EpochEndOffset.UNDEFINED;
    }

    /** Forgets epochs that begin at or above the end of a truncated log. */
    void truncateFromEnd(long logEndOffset) {
        List<Entry> kept = entries.stream()
                .filter(entry -> entry.startOffset() < logEndOffset)
                .toList();
        if (kept.size() < entries.size()) {
            replace(kept);
        }
    }

    /** Forgets epochs that end below the start of the log; the one that lasts there begins there. */
    void truncateFromStart(long logStartOffset) {
        List<Entry> before = entries;
        List<Entry> after = new ArrayList<>();
        Entry floor = null;
        for (Entry entry : before) {
            if (entry.startOffset() <= logStartOffset) {
                floor = entry;
            } else {
                after.add(entry);
            }
        }
        if (floor != null) {
            after.add(0, new Entry(floor.leaderEpoch(), logStartOffset));
        }
        if (!after.equals(before)) {
            replace(after);
        }
    }

    void clear() {
        if (!entries.isEmpty()) {
            replace(List.of());
        }
    }

    List<Entry> entries() {
        return entries;
    }

    private void replace(List<Entry> after) {
        entries = List.copyOf(after);
        try {
            write(false);
        } catch (DiskFullException e) {
            // A crash loses only what the batches tell, too; a flush waits for the file in any case.
            LOGGER.log(WARNING, () -> files.leaderEpochs() + " stays behind its log: " + e.getMessage());
        }
    }

    /** @param forced whether the entries are on the medium when this returns; they are not written again where they are */
    synchronized void write(boolean forced) {
        List<Entry> current = entries;
        if (forced && current == forcedEntries) {
            return;
        }
        forcedEntries = null;
        ByteBuffer contents = ByteBuffer.allocate(current.size() * ENTRY_BYTES);
        for (Entry entry : current) {
            contents.putInt(entry.leaderEpoch()).putLong(entry.startOffset());
        }
        ChecksummedFile.write(files.disk(), files.leaderEpochs(), MAGIC, contents.flip(), forced);
        forcedEntries = forced ? current : null;
    }
}
