package io.millrace.server.queue;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.DeliveryHeaders;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordIterator;
import io.millrace.server.coordinator.ReplicatedLog;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks at records before they are handed out: what their headers say of when, to whom and in which order they are delivered.
 *
 * <p>Owned by the partition's loop, of which it takes one step at a time, of about a megabyte; where that is not enough it comes again behind what has
 * arrived meanwhile. It looks so far ahead of the next delivery that a higher priority is found within {@link QueueRules#lookAhead}
 * records and {@value #BYTES_MAX} bytes, and goes on to look when half of that is used up.
 */
final class LookAhead {
    private static final System.Logger LOGGER = System.getLogger(LookAhead.class.getName());

    private static final int STEP_BYTES = 1 << 20;
    private static final int BYTES_MAX = 16 << 20;
    private static final int UNPACKED_BYTES_MAX = 128 << 20;

    private final ReplicatedLog data;
    private final DataReader reader;
    private final int recordsMax;
    private final Runnable onProgress;
    private final DeliveryHeaderReader headerReader = new DeliveryHeaderReader();
    private final Set<QueueCursor> filling = new HashSet<>();
    private boolean turnPlanned;

    /** @param onProgress called in a later turn of the loop where one step was not enough */
    LookAhead(ReplicatedLog data, DataReader reader, QueueRules rules, Runnable onProgress) {
        this.data = data;
        this.reader = reader;
        this.recordsMax = rules.lookAhead();
        this.onProgress = onProgress;
    }

    /** Whether the consumer can be served, or there is nothing more to look at for it. */
    boolean isEnough(QueueCursor cursor, ConsumerId consumer) {
        return cursor.isLookedAhead(consumer, data.highWatermark(), distance() / 2);
    }

    private long distance() {
        return Math.max(1, Math.min(recordsMax, (long) (BYTES_MAX / reader.recordBytes())));
    }

    /** Takes a step where the consumer needs that. An error where the log cannot be read. */
    ErrorCode step(QueueCursor cursor, ConsumerId consumer, long nowMs) {
        if (turnPlanned) {
            return ErrorCode.NONE; // one step a turn
        }
        if (!isEnough(cursor, consumer)) {
            filling.add(cursor);
        } else if (!filling.contains(cursor)) {
            return ErrorCode.NONE;
        }
        long next = cursor.nextToLookAt(data.highWatermark());
        ErrorCode error = next == Long.MAX_VALUE ? ErrorCode.NONE : look(cursor, next, nowMs);
        if (cursor.isLookedAhead(consumer, data.highWatermark(), distance())) {
            filling.remove(cursor);
        } else if (cursor.nextToLookAt(data.highWatermark()) != next && !isEnough(cursor, consumer)) {
            planTurn();
        }
        return error;
    }

    private void planTurn() {
        turnPlanned = true;
        data.loop().execute(() -> {
            turnPlanned = false;
            onProgress.run();
        });
    }

    private ErrorCode look(QueueCursor cursor, long from, long nowMs) {
        boolean isAgain = cursor.wasLookedAt(from);
        ReadBatches read = reader.read(from, isAgain ? DataReader.READ_BYTES_MIN : STEP_BYTES);
        if (read == null) {
            return reader.error();
        }
        long next = from;
        for (RecordBatch batch : read.batches()) {
            if (batch.lastOffset() < next) {
                continue;
            }
            if (batch.baseOffset() > next) {
                cursor.lookAtGap(next, batch.baseOffset() - 1);
            }
            if (!isAgain || cursor.nextNotLookedAt(batch.baseOffset()) <= batch.lastOffset()) {
                look(cursor, batch, nowMs);
            }
            next = batch.nextOffset();
        }
        return ErrorCode.NONE;
    }

    private void look(QueueCursor cursor, RecordBatch batch, long nowMs) {
        if (batch.isControl()) {
            cursor.lookAtGap(batch.baseOffset(), batch.lastOffset());
            return;
        }
        var walk = new Walk(cursor, batch.baseOffset(), nowMs);
        try {
            RecordIterator records = batch.records(UNPACKED_BYTES_MAX);
            while (records.hasNext()) {
                walk.onRecord(records.visitNext(headerReader), headerReader.headers());
            }
            walk.end(batch.lastOffset(), false);
        } catch (InvalidRecordException e) {
            // Whoever gets it cannot read it either, and says so; meanwhile it must not hold up what is behind it.
            LOGGER.log(DEBUG, () -> "A batch of the " + data + " cannot be looked into: " + batch, e);
            walk.end(batch.lastOffset(), true);
        }
    }

    /** Tells the cursor of the records of one batch: of plain ones together, of gaps between them, of each of the others. */
    private static final class Walk {
        private final QueueCursor cursor;
        private final long nowMs;
        private long plainFrom;
        private long next;

        Walk(QueueCursor cursor, long baseOffset, long nowMs) {
            this.cursor = cursor;
            this.nowMs = nowMs;
            this.plainFrom = baseOffset;
            this.next = baseOffset;
        }

        void onRecord(long offset, DeliveryHeaders headers) {
            if (offset > next) {
                tellPlainBelow(next);
                cursor.lookAtGap(next, offset - 1);
                plainFrom = offset;
            }
            next = offset + 1;
            if (!headers.isPlain(nowMs)) {
                tellPlainBelow(offset);
                cursor.lookAt(offset, headers, nowMs);
                plainFrom = next;
            }
        }

        private void tellPlainBelow(long end) {
            if (plainFrom < end) {
                cursor.lookAtPlain(plainFrom, end - 1);
            }
        }

        /** @param isUnreadable whether nothing is known of what is left */
        void end(long lastOffset, boolean isUnreadable) {
            if (isUnreadable) {
                next = lastOffset + 1;
            }
            tellPlainBelow(next);
            if (next <= lastOffset) {
                cursor.lookAtGap(next, lastOffset);
            }
        }
    }
}
