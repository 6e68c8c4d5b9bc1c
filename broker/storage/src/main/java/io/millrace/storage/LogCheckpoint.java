package io.millrace.storage;

import java.nio.ByteBuffer;

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

    /** What {@link #put} takes. */
    static final int BYTES = 5 * Long.BYTES + Integer.BYTES + 1;

    void put(ByteBuffer target) {
        target.putLong(logStartOffset)
                .putLong(highWatermark)
                .putLong(recoveryPoint)
                .putLong(settledSerial)
                .put((byte) (clean ? 1 : 0))
                .putLong(logEndOffset)
                .putInt(activeSegmentBytes);
    }

    static LogCheckpoint get(ByteBuffer source) {
        return new LogCheckpoint(
                source.getLong(),
                source.getLong(),
                source.getLong(),
                source.getLong(),
                source.get() == 1,
                source.getLong(),
                source.getInt());
    }
}
