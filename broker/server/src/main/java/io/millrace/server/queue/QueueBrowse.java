package io.millrace.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.coordinator.queue.OffsetRange;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import io.millrace.server.coordinator.ReplicatedLog;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look at records of a partition that are not acknowledged, whoever has acquired them. Changes nothing. Immutable.
 *
 * @param maxBytes about how many are read, at least one batch; 0: none
 */
record QueueBrowse(@Nullable String subscription, long fromOffset, int maxBytes) {
    private static final System.Logger LOGGER = System.getLogger(QueueBrowse.class.getName());

    /** However much a client asks for. */
    static final int BYTES_MAX = 8 * 1024 * 1024;

    /**
     * What is there.
     *
     * @param nextOffset where the next look goes on
     * @param endOffset the high watermark
     * @param records owned by the receiver; they may hold more than the ranges
     */
    record Page(ErrorCode errorCode, long nextOffset, long endOffset, Records records, List<OffsetRange> ranges) {
        static Page refused(ErrorCode errorCode) {
            return new Page(errorCode, -1, -1, Records.EMPTY, List.of());
        }

        private static Page empty(long nextOffset, long endOffset) {
            return new Page(ErrorCode.NONE, nextOffset, endOffset, Records.EMPTY, List.of());
        }
    }

    /** Reads; on the loop of the log and the cursor. */
    Page read(ReplicatedLog data, QueueCursor cursor) {
        long endOffset = data.highWatermark();
        if (maxBytes <= 0) {
            return Page.empty(fromOffset, endOffset);
        }
        long first = cursor.nextUnacknowledged(Math.max(fromOffset, data.logStartOffset()));
        if (first >= endOffset) {
            return Page.empty(Math.max(fromOffset, endOffset), endOffset);
        }
        ReplicatedLog.Batches found = data.read(first, Math.min(maxBytes, BYTES_MAX));
        ByteBuf bytes = found.batches();
        if (found.errorCode().isError() || !bytes.isReadable()) {
            bytes.release();
            // There is something below the high watermark; whoever asks again may get it.
            return Page.refused(found.errorCode().isError() ? found.errorCode() : ErrorCode.KAFKA_STORAGE_ERROR);
        }
        try {
            long nextOffset = Math.min(new ReadBatches(bytes).nextOffset(), endOffset);
            List<OffsetRange> ranges = unacknowledged(cursor, first, nextOffset);
            return new Page(ErrorCode.NONE, nextOffset, endOffset, Records.of(bytes), ranges);
        } catch (InvalidRecordException e) {
            LOGGER.log(ERROR, () -> "The " + data + " is damaged at offset " + first, e);
            bytes.release();
            return Page.refused(ErrorCode.CORRUPT_MESSAGE);
        }
    }

    private static List<OffsetRange> unacknowledged(QueueCursor cursor, long first, long endOffset) {
        var ranges = new ArrayList<OffsetRange>();
        long next = first;
        while (next < endOffset) {
            long end = Math.min(endOffset, cursor.nextAcknowledged(next));
            ranges.add(new OffsetRange(next, end - 1));
            next = cursor.nextUnacknowledged(end);
        }
        return ranges;
    }
}
