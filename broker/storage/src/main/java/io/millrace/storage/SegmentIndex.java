package io.millrace.storage;

import static java.lang.System.Logger.Level.DEBUG;

import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The sparse index of one segment, by offset and by time.
 *
 * <p>Changed by the owner of the log, asked by any thread. While the segment grows, the index is in memory and its file
 * follows in larger steps; of a sealed segment only the file counts and memory holds a copy as long as there is room.
 *
 * <pre>
 * { offset, relative to the segment 4 | position of the batch 4 | greatest time stamp before that position 8 } *
 * </pre>
 *
 * The last entry of a sealed segment points to its end, which shows that index and segment belong together.
 */
final class SegmentIndex {

    static final int ENTRY_BYTES = 16;

    private static final System.Logger LOGGER = System.getLogger(SegmentIndex.class.getName());

    private static final int PERSIST_ENTRIES = 256;

    private final Disk disk;
    private final Path path;

    private volatile @Nullable Entries growing;
    private volatile SoftReference<Entries> sealed = new SoftReference<>(null);
    private @Nullable DiskFile file;
    private int persistedEntries;
    /** Whether the file has changed since it was forced. */
    private boolean unforced;
    /** Whether the name of the file may be another segment's by now. */
    private boolean detached;

    private SegmentIndex(Disk disk, Path path, @Nullable Entries growing) {
        this.disk = disk;
        this.path = path;
        this.growing = growing;
        this.persistedEntries = growing == null ? 0 : growing.count();
    }

    /** The index of a segment that grows; its file is written anew. */
    static SegmentIndex growing(Disk disk, Path path, Entries entries) {
        if (entries.count() == 0) {
            disk.delete(path);
            return new SegmentIndex(disk, path, entries);
        }
        SegmentIndex index = new SegmentIndex(disk, path, entries);
        index.unforced = true;
        try {
            disk.replace(path, encode(entries, 0), false);
        } catch (DiskFullException e) {
            disk.delete(path);
            index.persistedEntries = 0;
        }
        return index;
    }

    /** The index of a sealed segment, from its file. */
    static SegmentIndex sealed(Disk disk, Path path) {
        return new SegmentIndex(disk, path, null);
    }

    /** Writes the whole index of a sealed segment, to the medium. */
    static void write(Disk disk, Path path, Entries entries) {
        disk.replace(path, encode(entries, 0), true);
    }

    /** All entries; empty when the file of a sealed segment is missing or damaged. */
    Optional<Entries> entries(int segmentBytes) {
        Entries present = growing;
        if (present == null) {
            present = sealed.get();
        }
        return present == null ? fromFile(segmentBytes) : Optional.of(present);
    }

    private synchronized Optional<Entries> fromFile(int segmentBytes) {
        if (detached) {
            return Optional.ofNullable(sealed.get());
        }
        Optional<Entries> read = readFile(disk, path).filter(entries -> entries.isSealedAt(segmentBytes));
        read.ifPresent(entries -> sealed = new SoftReference<>(entries));
        return read;
    }

    /** The entries of a file, as far as they are in order; empty when there is no such file. */
    static Optional<Entries> readFile(Disk disk, Path path) {
        if (!disk.exists(path)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(disk.read(path));
        Entries entries = Entries.EMPTY;
        while (bytes.remaining() >= ENTRY_BYTES) {
            int relativeOffset = bytes.getInt();
            int position = bytes.getInt();
            if (!entries.canGoOnWith(relativeOffset, position)) {
                break;
            }
            entries = entries.plus(relativeOffset, position, bytes.getLong());
        }
        return Optional.of(entries);
    }

    int entryCount() {
        Entries present = growing;
        return present == null ? 0 : present.count();
    }

    void add(int relativeOffset, int position, long maxTimestampBefore) {
        Entries after = growingEntries().plus(relativeOffset, position, maxTimestampBefore);
        growing = after;
        if (after.count() - persistedEntries >= PERSIST_ENTRIES) {
            persistIfThereIsRoom();
        }
    }

    /** The file may lag behind: it is complete only once the segment is sealed. */
    void persistIfThereIsRoom() {
        try {
            persist();
        } catch (DiskFullException e) {
            LOGGER.log(DEBUG, () -> path + " stays behind its segment: " + e.getMessage());
        }
    }

    /** Drops entries at or behind a position. */
    synchronized void truncateTo(int position) {
        Entries after = growingEntries().below(position);
        growing = after;
        if (persistedEntries > after.count()) {
            persistedEntries = after.count();
            unforced = true;
            openFile().truncate((long) persistedEntries * ENTRY_BYTES);
        }
    }

    /** Brings the file up to date. */
    synchronized void persist() {
        Entries present = growing;
        if (present != null && present.count() > persistedEntries) {
            persist(present);
        }
    }

    private void persist(Entries present) {
        unforced = true;
        ByteBuffer bytes = ByteBuffer.wrap(encode(present, persistedEntries));
        openFile().write(new ByteBuffer[] {bytes}, (long) persistedEntries * ENTRY_BYTES);
        persistedEntries = present.count();
    }

    /** Ends the index with the end of its segment. */
    synchronized void seal(int relativeEndOffset, int segmentBytes, long maxTimestamp) {
        Entries entries = growingEntries().plus(relativeEndOffset, segmentBytes, maxTimestamp);
        persist(entries);
        sealed = new SoftReference<>(entries);
        growing = null;
        close();
    }

    /** Lets a sealed segment grow again, from its first entries. */
    synchronized void unseal(Entries kept) {
        unforced = true;
        disk.replace(path, encode(kept, 0), false);
        persistedEntries = kept.count();
        growing = kept;
    }

    /** Replaces the file of a sealed segment, if there is room for it. */
    synchronized void rewrite(Entries entries) {
        try {
            if (!detached) {
                unforced = true;
                disk.replace(path, encode(entries, 0), false);
            }
        } catch (DiskFullException e) {
            LOGGER.log(DEBUG, () -> path + " is not kept: " + e.getMessage());
        }
        sealed = new SoftReference<>(entries);
    }

    private static byte[] encode(Entries entries, int from) {
        ByteBuffer bytes = ByteBuffer.allocate((entries.count() - from) * ENTRY_BYTES);
        for (int i = from; i < entries.count(); i++) {
            bytes.putInt(entries.relativeOffset(i)).putInt(entries.position(i)).putLong(entries.maxTimestampBefore(i));
        }
        return bytes.array();
    }

    /**
     * Returns when what was written to the file before is on the medium: entries of an older state of the segment must not come back below the
     * recovery point, where an index is believed.
     */
    synchronized void force() {
        if (!unforced || detached) {
            return;
        }
        DiskFile present = file;
        DiskFile forced = present == null ? disk.open(path) : present;
        try {
            forced.force();
            unforced = false;
        } finally {
            if (present == null) {
                forced.close();
            }
        }
    }

    /** Leaves the name of the file to others: who still reads the segment finds what he needs in memory, or in its batches. */
    synchronized void detach() {
        detached = true;
        close();
    }

    synchronized void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    private Entries growingEntries() {
        Entries present = growing;
        if (present == null) {
            throw new IllegalStateException("The index " + path + " is sealed");
        }
        return present;
    }

    private DiskFile openFile() {
        if (file == null) {
            file = disk.open(path);
        }
        return file;
    }

    /**
     * Entries as they were at one moment. Immutable: what is added later lies behind {@code count}, and what is cut off is
     * copied before, so that nobody sees a change.
     */
    static final class Entries {

        static final Entries EMPTY = new Entries(new long[0], 0);

        private static final int LONGS = 2;
        private static final int INITIAL_ENTRIES = 16;

        private final long[] data;
        private final int count;

        private Entries(long[] data, int count) {
            this.data = data;
            this.count = count;
        }

        int count() {
            return count;
        }

        int relativeOffset(int i) {
            return (int) (data[LONGS * i] >>> Integer.SIZE);
        }

        int position(int i) {
            return (int) data[LONGS * i];
        }

        long maxTimestampBefore(int i) {
            return data[LONGS * i + 1];
        }

        boolean canGoOnWith(int relativeOffset, int position) {
            return relativeOffset > 0
                    && position > 0
                    && (count == 0 || (relativeOffset > relativeOffset(count - 1) && position > position(count - 1)));
        }

        boolean isSealedAt(int segmentBytes) {
            return count > 0 && position(count - 1) == segmentBytes;
        }

        Entries plus(int relativeOffset, int position, long maxTimestampBefore) {
            long[] room = data;
            if (LONGS * count == data.length) {
                room = Arrays.copyOf(data, Math.max(LONGS * INITIAL_ENTRIES, 2 * data.length));
            }
            room[LONGS * count] = (long) relativeOffset << Integer.SIZE | position;
            room[LONGS * count + 1] = maxTimestampBefore;
            return new Entries(room, count + 1);
        }

        Entries below(int position) {
            int kept = firstWhere(i -> position(i) >= position);
            return new Entries(Arrays.copyOf(data, LONGS * kept), kept);
        }

        /** Position of the last batch known to begin at or below an offset; 0 when none is. */
        int positionForOffset(int relativeOffset) {
            return positionBefore(firstWhere(i -> relativeOffset(i) > relativeOffset));
        }

        /** The last entry for a batch that begins at or below an offset; -1 when there is none. */
        int entryForOffset(int relativeOffset) {
            return firstWhere(i -> relativeOffset(i) > relativeOffset) - 1;
        }

        /** The last batch boundary known to lie at or below a position. */
        int boundaryBelow(int limit) {
            return positionBefore(firstWhere(i -> position(i) > limit));
        }

        /** Offset of the first batch known to begin at or behind a position; -1 when none is. */
        int offsetFrom(int limit) {
            int entry = firstWhere(i -> position(i) >= limit);
            return entry == count ? -1 : relativeOffset(entry);
        }

        /** The last batch boundary known to have only older time stamps before it. */
        int positionForTimestamp(long timestamp) {
            return positionBefore(firstWhere(i -> maxTimestampBefore(i) >= timestamp));
        }

        private int positionBefore(int i) {
            return i == 0 ? 0 : position(i - 1);
        }

        private int firstWhere(IntPredicate condition) {
            int low = 0;
            int high = count;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (condition.test(middle)) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low;
        }
    }
}
