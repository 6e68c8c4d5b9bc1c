package io.millrace.storage;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds batches in the file of one segment: through its sparse index, then from header to header.
 *
 * <p>Asked by the owner of the log and by any thread that holds a lease. An index that is missing or lies costs time, never a wrong answer: it
 * is built anew, or passed over.
 */
final class BatchLookup {

    private static final System.Logger LOGGER = System.getLogger(BatchLookup.class.getName());

    private final LogFiles files;
    private final long baseOffset;
    private final DiskFile file;
    private final SegmentIndex index;
    private final Supplier<LogSegment.End> end;

    /** @param end where the segment ends at present */
    BatchLookup(LogFiles files, long baseOffset, DiskFile file, SegmentIndex index, Supplier<LogSegment.End> end) {
        this.files = files;
        this.baseOffset = baseOffset;
        this.file = file;
        this.index = index;
        this.end = end;
    }

    /** The index as it is, or as it is built anew. */
    SegmentIndex.Entries entries() {
        return index.entries(end.get().bytes()).orElseGet(this::rebuildIndex);
    }

    private SegmentIndex.Entries rebuildIndex() {
        LOGGER.log(WARNING, () -> "Rebuilding the missing or damaged " + files.index(baseOffset));
        LogSegment.End here = end.get();
        SegmentScan scan = new SegmentScan(baseOffset, LogConfiguration.DEFAULT.indexIntervalBytes());
        BatchScanner scanner = new BatchScanner(file, 0, here.bytes());
        for (RecordBatch batch = next(scanner); batch != null; batch = next(scanner)) {
            scan.add(batch, scanner.position());
        }
        SegmentIndex.Entries entries =
                scan.entries().plus(relative(here.nextOffset()), here.bytes(), here.maxTimestamp());
        index.rewrite(entries);
        return entries;
    }

    /** A scanner that begins with a batch at or before the one that holds an offset. */
    BatchScanner scannerBelow(long offset, LogSegment.End here) {
        int position = entries().positionForOffset(relative(offset));
        BatchScanner scanner = new BatchScanner(file, position, here.bytes());
        if (position == 0 || position >= here.bytes() || beginsAtOrBelow(scanner, offset)) {
            return scanner;
        }
        LOGGER.log(
                WARNING,
                () -> files.index(baseOffset) + " points to byte " + position
                        + ", where no batch begins; reading the segment from its beginning instead");
        return new BatchScanner(file, 0, here.bytes());
    }

    private boolean beginsAtOrBelow(BatchScanner scanner, long offset) {
        try {
            RecordBatch batch = scanner.next();
            scanner.stepBack();
            return batch != null && batch.baseOffset() <= offset && batch.baseOffset() >= baseOffset;
        } catch (InvalidRecordException damagedIndex) {
            return false;
        }
    }

    /** A scanner behind batches that have only older time stamps. */
    BatchScanner scannerForTimestamp(long timestamp, LogSegment.End here) {
        return new BatchScanner(file, entries().positionForTimestamp(timestamp), here.bytes());
    }

    /** Where the batch begins that holds an offset, or the next one; the end when there is none. Not before a boundary known to be too early. */
    int positionOf(long offset, int from, LogSegment.End here) {
        int below = Math.max(from, entries().positionForOffset(relative(offset)));
        BatchScanner scanner = new BatchScanner(file, below, here.bytes());
        RecordBatch holder = firstReaching(offset, scanner);
        return holder == null ? here.bytes() : scanner.position();
    }

    /** The last boundary between batches at or below a position; a boundary at or below it is known. */
    int boundaryBelow(int limit, int from, LogSegment.End here) {
        int below = Math.max(from, entries().boundaryBelow(limit));
        BatchScanner scanner = new BatchScanner(file, below, here.bytes());
        int boundary = below;
        while (next(scanner) != null && scanner.nextPosition() <= limit) {
            boundary = scanner.nextPosition();
        }
        return boundary;
    }

    /** An offset that no batch below a position reaches: of a batch that is known to begin there or a little behind, or of the end. */
    long offsetBound(int position, LogSegment.End here) {
        int known = entries().offsetFrom(position);
        return known < 0 ? here.nextOffset() : baseOffset + known;
    }

    /** Where the segment would end without the batch that holds an offset and all behind it. */
    LogSegment.End endBefore(long offset) {
        SegmentIndex.Entries entries = entries();
        // One entry earlier: the batch of the entry itself may go, and then the one before it tells where the log ends.
        int entry = entries.entryForOffset(relative(offset)) - 1;
        int position = entry < 0 ? 0 : entries.position(entry);
        long maxTimestamp = entry < 0 ? RecordBatch.NO_TIMESTAMP : entries.maxTimestampBefore(entry);
        long nextOffset = entry < 0 ? baseOffset : baseOffset + entries.relativeOffset(entry);
        BatchScanner scanner = new BatchScanner(file, position, end.get().bytes());
        RecordBatch batch = next(scanner);
        while (batch != null && batch.lastOffset() < offset) {
            maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
            nextOffset = batch.nextOffset();
            batch = next(scanner);
        }
        return new LogSegment.End(scanner.position(), nextOffset, maxTimestamp);
    }

    /** The first header of a scanner whose batch reaches an offset or lies behind it; null when there is none. */
    @Nullable
    RecordBatch firstReaching(long offset, BatchScanner scanner) {
        RecordBatch batch = next(scanner);
        while (batch != null && batch.lastOffset() < offset) {
            batch = next(scanner);
        }
        return batch;
    }

    /** The next header of a scanner of this segment; null at the end. */
    @Nullable
    RecordBatch next(BatchScanner scanner) {
        try {
            return scanner.next();
        } catch (InvalidRecordException e) {
            throw new CorruptLogException(
                    files.log(baseOffset) + " is damaged at byte " + scanner.position() + ": " + e.getMessage(),
                    baseOffset);
        }
    }

    /** An offset as the index counts it. */
    int relative(long offset) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, offset - baseOffset));
    }
}
