package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordIterator;
import io.millrace.record.TimestampType;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a log in the order of their offsets.
 *
 * <p>Replaced as a whole by the owner of the log, read by any thread. Invariant: there is always one, and all but the last
 * are sealed. A segment is closed only after it has left the list, so that a reader whose segment is gone looks again.
 */
final class Segments {

    /** Bound on the memory that looking into one batch for a time stamp may take. */
    private static final int UNPACKED_BYTES_MAX = 128 * 1024 * 1024;

    private volatile LogSegment[] list;

    Segments(List<LogSegment> segments) {
        this.list = segments.toArray(LogSegment[]::new);
    }

    LogSegment first() {
        return list[0];
    }

    LogSegment last() {
        LogSegment[] present = list;
        return present[present.length - 1];
    }

    List<LogSegment> all() {
        return List.of(list);
    }

    void replace(List<LogSegment> segments) {
        list = segments.toArray(LogSegment[]::new);
    }

    void add(LogSegment segment) {
        LogSegment[] present = list;
        LogSegment[] longer = Arrays.copyOf(present, present.length + 1);
        longer[present.length] = segment;
        list = longer;
    }

    long sizeInBytes() {
        long bytes = 0;
        for (LogSegment segment : list) {
            bytes += segment.end().bytes();
        }
        return bytes;
    }

    /** The place of the segment that holds an offset or would hold it. */
    int indexOf(long offset) {
        return floor(list, offset);
    }

    private static int floor(LogSegment[] list, long offset) {
        int low = 0;
        int high = list.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (list[middle].baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    LogSlice read(long offset, int maxBytes, long upperBoundOffset, boolean minOneBatch) {
        LogSegment[] present = list;
        int i = floor(present, offset);
        while (i < present.length) {
            LogSegment segment = present[i];
            if (!segment.acquire()) {
                present = newerThan(present);
                i = floor(present, offset);
                continue;
            }
            LogSlice slice = sliceOrRelease(segment, offset, maxBytes, upperBoundOffset, minOneBatch);
            if (slice != null) {
                return slice;
            }
            i++;
        }
        return LogSlice.empty(offset, present[present.length - 1].baseOffset());
    }

    private LogSegment[] newerThan(LogSegment[] seen) {
        LogSegment[] present = list;
        if (present == seen) {
            throw new StorageException("The log that begins with offset " + first().baseOffset() + " is closed");
        }
        return present;
    }

    private static @Nullable LogSlice sliceOrRelease(
            LogSegment segment, long offset, int maxBytes, long upperBoundOffset, boolean minOneBatch) {
        LogSlice slice = null;
        try {
            slice = segment.slice(offset, maxBytes, upperBoundOffset, minOneBatch);
            return slice;
        } finally {
            if (slice == null) {
                segment.release();
            }
        }
    }

    /** The first record at or above an offset whose time stamp is not before the given one. */
    Optional<TimestampOffset> offsetForTimestamp(long timestamp, long logStartOffset) {
        return findRecord(timestamp, logStartOffset, candidate -> candidate >= timestamp);
    }

    Optional<TimestampOffset> offsetOfMaxTimestamp(long logStartOffset) {
        long max = RecordBatch.NO_TIMESTAMP;
        for (LogSegment segment : list) {
            max = Math.max(max, segment.end().maxTimestamp());
        }
        return max == RecordBatch.NO_TIMESTAMP ? Optional.empty() : offsetForTimestamp(max, logStartOffset);
    }

    private Optional<TimestampOffset> findRecord(long timestamp, long logStartOffset, LongPredicate matches) {
        for (LogSegment segment : list) {
            if (segment.end().maxTimestamp() < timestamp || !segment.acquire()) {
                continue;
            }
            try {
                Optional<TimestampOffset> found = findInSegment(segment, timestamp, logStartOffset, matches);
                if (found.isPresent()) {
                    return found;
                }
            } finally {
                segment.release();
            }
        }
        return Optional.empty();
    }

    private static Optional<TimestampOffset> findInSegment(
            LogSegment segment, long timestamp, long logStartOffset, LongPredicate matches) {
        BatchScanner scanner = segment.scannerForTimestamp(timestamp);
        for (RecordBatch header = segment.next(scanner); header != null; header = segment.next(scanner)) {
            if (header.maxTimestamp() < timestamp || header.lastOffset() < logStartOffset) {
                continue;
            }
            Optional<TimestampOffset> found =
                    findInBatch(segment.readBatch(scanner.position(), header.sizeInBytes()), logStartOffset, matches);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<TimestampOffset> findInBatch(byte[] bytes, long logStartOffset, LongPredicate matches) {
        try {
            RecordBatch batch = RecordBatch.at(Unpooled.wrappedBuffer(bytes), 0);
            boolean isWhole = batch.recordCount() == batch.lastOffsetDelta() + 1;
            if (isWhole && batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
                return Optional.of(new TimestampOffset(
                        batch.maxTimestamp(), Math.max(logStartOffset, batch.baseOffset()), batch.leaderEpoch()));
            }
            RecordIterator records = batch.records(UNPACKED_BYTES_MAX);
            while (records.hasNext()) {
                Record record = records.next();
                if (record.offset() >= logStartOffset && matches.test(record.timestamp())) {
                    return Optional.of(new TimestampOffset(record.timestamp(), record.offset(), batch.leaderEpoch()));
                }
            }
        } catch (InvalidRecordException unreadable) {
            // A batch that only its producer's checksum vouches for: its records cannot be found by time.
            return Optional.empty();
        }
        return Optional.empty();
    }
}
