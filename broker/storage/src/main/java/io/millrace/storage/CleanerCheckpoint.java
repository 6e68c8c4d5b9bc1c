package io.millrace.storage;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * How far a log is compacted, as it is remembered across restarts.
 *
 * @param firstDirtyOffset below it, the log holds no two records of a key that were there at the last cleaning
 * @param nextHorizonMs when the first tombstone or marker below it may go
 */
record CleanerCheckpoint(long firstDirtyOffset, long nextHorizonMs) {

    private static final int MAGIC = 0x4D435031;
    private static final int BYTES = 2 * Long.BYTES;

    void write(LogFiles files, boolean forced) {
        ByteBuffer contents = ByteBuffer.allocate(BYTES)
                .putLong(firstDirtyOffset)
                .putLong(nextHorizonMs)
                .flip();
        ChecksummedFile.write(files.disk(), files.cleanerCheckpoint(), MAGIC, contents, forced);
    }

    /** What was written last; empty when it is missing or damaged: then everything is dirty, which costs time and no data. */
    static Optional<CleanerCheckpoint> read(LogFiles files) {
        return ChecksummedFile.read(files.disk(), files.cleanerCheckpoint(), MAGIC)
                .filter(contents -> contents.remaining() == BYTES)
                .map(contents -> new CleanerCheckpoint(contents.getLong(), contents.getLong()));
    }
}
