package io.millrace.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One file of the journal, which is written from its beginning to its end and then kept until the logs of its entries are on the medium.
 *
 * <p>Written by the thread of the rounds; afterwards anybody may ask what it holds.
 */
final class JournalFile {

    static final String JOURNAL = ".journal";
    /** Behind the name of a file that holds nothing any more. */
    static final String FREE = ".free";

    /** The file grows by so much at a time, since forcing is cheaper when the size does not change. */
    private static final int EXTENSION_BYTES = 1024 * 1024;

    private final Path path;
    private final DiskFile file;
    private final long sequence;
    private final Map<JournaledLog, Long> lastSerials = new HashMap<>();
    private int end;
    private long allocated;

    JournalFile(Disk disk, Path path, long sequence) {
        this.path = path;
        this.sequence = sequence;
        this.file = disk.open(path);
        this.allocated = file.size();
    }

    static Path named(Path directory, long sequence, String suffix) {
        return directory.resolve(String.format(Locale.ROOT, "%020d", sequence) + suffix);
    }

    Path path() {
        return path;
    }

    long sequence() {
        return sequence;
    }

    int end() {
        return end;
    }

    /** The last entry of each log in this file. */
    Map<JournaledLog, Long> lastSerials() {
        return lastSerials;
    }

    void begin(long firstRound, int bytesMax) {
        append(JournalFormat.fileHeader(sequence, firstRound), bytesMax);
    }

    /**
     * Writes bytes behind the others.
     *
     * @throws DiskFullException when there is no room; a part of them may lie there, and nothing may be written behind it
     */
    void append(ByteBuffer bytes, int bytesMax) {
        int length = bytes.remaining();
        if (end + length <= allocated || !grow(bytes, bytesMax)) {
            file.write(new ByteBuffer[] {bytes}, end);
            allocated = Math.max(allocated, end + (long) length);
        }
        end += length;
    }

    /** Writes bytes and, behind them, room for others; false when the disk has no such room. */
    private boolean grow(ByteBuffer bytes, int bytesMax) {
        int length = bytes.remaining();
        long grown = Math.min(Math.max(bytesMax, end + length), end + length + (long) EXTENSION_BYTES);
        ByteBuffer zeros = ByteBuffer.allocate((int) (grown - end - length));
        try {
            file.write(new ByteBuffer[] {bytes.duplicate(), zeros}, end);
            allocated = grown;
            return true;
        } catch (DiskFullException e) {
            return false;
        }
    }

    void force() {
        file.force();
    }

    void close() {
        file.close();
    }
}
