package io.millrace.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.coordinator.queue.OffsetRange;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.coordinator.queue.Selection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordIterator;
import io.millrace.server.coordinator.ReplicatedLog;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A look at records of a partition that are not acknowledged, whoever has acquired them. Changes nothing. Immutable.
 *
 * @param maxBytes about how many are read, at least one batch; 0: none
 * @param selector what does not match is left out; {@link Selection#ALL}: nothing is
 */
record QueueBrowse(@Nullable String subscription, long fromOffset, int maxBytes, String selector) {
    private static final System.Logger LOGGER = System.getLogger(QueueBrowse.class.getName());

    /** However much a client asks for. */
    static final int BYTES_MAX = 8 * 1024 * 1024;

    /** Where each record has to be looked into. */
    private static final int SELECTING_BYTES_MAX = 1024 * 1024;

    private static final int UNPACKED_BYTES_MAX = 128 << 20;

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
    Page read(ReplicatedLog data, QueueCursor cursor, SelectingReaders selectors) {
        long endOffset = data.highWatermark();
        if (maxBytes <= 0) {
            return Page.empty(fromOffset, endOffset);
        }
        long first = cursor.nextUnacknowledged(Math.max(fromOffset, data.logStartOffset()));
        if (first >= endOffset) {
            return Page.empty(Math.max(fromOffset, endOffset), endOffset);
        }
        boolean isSelective = !selector.equals(Selection.ALL);
        ReplicatedLog.Batches found =
                data.read(first, Math.min(maxBytes, isSelective ? SELECTING_BYTES_MAX : BYTES_MAX));
        ByteBuf bytes = found.batches();
        if (found.errorCode().isError() || !bytes.isReadable()) {
            bytes.release();
            // There is something below the high watermark; whoever asks again may get it.
            return Page.refused(found.errorCode().isError() ? found.errorCode() : ErrorCode.KAFKA_STORAGE_ERROR);
        }
        try {
            var read = new ReadBatches(bytes);
            long nextOffset = Math.min(read.nextOffset(), endOffset);
            if (isSelective) {
                var matching = new Matching(cursor, first, nextOffset);
                matching.find(read, selectors.reader(selector));
                Records records = matching.records(read);
                bytes.release();
                return new Page(ErrorCode.NONE, nextOffset, endOffset, records, matching.ranges);
            }
            List<OffsetRange> ranges = unacknowledged(cursor, first, nextOffset);
            return new Page(ErrorCode.NONE, nextOffset, endOffset, Records.of(bytes), ranges);
        } catch (InvalidRecordException e) {
            LOGGER.log(ERROR, () -> "The " + data + " is damaged at offset " + first, e);
            bytes.release();
            return Page.refused(ErrorCode.CORRUPT_MESSAGE);
        }
    }

    /** What matches, of the records between two offsets. */
    private static final class Matching {
        private final List<OffsetRange> ranges = new ArrayList<>();
        private final QueueCursor cursor;
        private final long fromOffset;
        private final long endOffset;
        private int firstBatch = -1;
        private int lastBatch;

        Matching(QueueCursor cursor, long fromOffset, long endOffset) {
            this.cursor = cursor;
            this.fromOffset = fromOffset;
            this.endOffset = endOffset;
        }

        void find(ReadBatches read, SelectingReader reader) throws InvalidRecordException {
            List<RecordBatch> batches = read.batches();
            for (int index = 0; index < batches.size(); index++) {
                long lastBefore = lastOffset();
                if (!batches.get(index).isControl()) {
                    find(batches.get(index), reader);
                }
                if (lastOffset() > lastBefore) {
                    firstBatch = firstBatch < 0 ? index : firstBatch;
                    lastBatch = index;
                }
            }
        }

        private long lastOffset() {
            return ranges.isEmpty() ? -1 : ranges.get(ranges.size() - 1).last();
        }

        private void find(RecordBatch batch, SelectingReader reader) throws InvalidRecordException {
            RecordIterator records = batch.records(UNPACKED_BYTES_MAX);
            while (records.hasNext()) {
                long offset = records.visitNext(reader);
                boolean isThere =
                        offset >= fromOffset && offset < endOffset && cursor.nextUnacknowledged(offset) == offset;
                if (isThere && reader.matches(offset)) {
                    add(offset);
                }
            }
        }

        private void add(long offset) {
            if (!ranges.isEmpty() && lastOffset() + 1 == offset) {
                OffsetRange before = ranges.remove(ranges.size() - 1);
                ranges.add(new OffsetRange(before.first(), offset));
            } else {
                ranges.add(new OffsetRange(offset, offset));
            }
        }

        /** The batches that have them; with a reference of their own. */
        Records records(ReadBatches read) {
            return firstBatch < 0 ? Records.EMPTY : Records.of(read.retainedSlice(firstBatch, lastBatch));
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
