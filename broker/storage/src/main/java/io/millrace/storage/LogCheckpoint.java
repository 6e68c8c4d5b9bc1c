package io.millrace.storage;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a log remembers across restarts beside its batches.
 *
 * @param recoveryPoint below this offset everything was on the medium when this was written
 * @param settledSerial the effects of the log's journal entries up to this serial were on the medium, too
 * @param clean whether nothing was written after this
 * @param logEndOffset with {@code clean}: where the log ended
 * @param activeSegmentBytes with {@code clean}: the size of the last segment
 */
record LogCheckpoint(
        long logStartOffset,
        long highWatermark,
        long recoveryPoint,
        long settledSerial,
        boolean clean,
        long logEndOffset,
        int activeSegmentBytes) {

    private static final int MAGIC = 0x4D4C4332;
    private static final int BYTES = 5 * Long.BYTES + Integer.BYTES + 1;

    void write(LogFiles files, boolean forced) {
        ByteBuffer contents = ByteBuffer.allocate(BYTES)
                .putLong(logStartOffset)
                .putLong(highWatermark)
                .putLong(recoveryPoint)
                .putLong(settledSerial)
                .put((byte) (clean ? 1 : 0))
                .putLong(logEndOffset)
                .putInt(activeSegmentBytes)
                .flip();
        ChecksummedFile.write(files.disk(), files.checkpoint(), MAGIC, contents, forced);
    }

    /** What was written last; empty when it is missing or damaged. */
    static Optional<LogCheckpoint> read(LogFiles files) {
        return ChecksummedFile.read(files.disk(), files.checkpoint(), MAGIC)
                .filter(contents -> contents.remaining() == BYTES)
                .map(contents -> new LogCheckpoint(
                        contents.getLong(),
                        contents.getLong(),
                        contents.getLong(),
                        contents.getLong(),
                        contents.get() == 1,
                        contents.getLong(),
                        contents.getInt()));
    }
}
