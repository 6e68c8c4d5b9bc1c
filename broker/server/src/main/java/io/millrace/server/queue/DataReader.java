package io.millrace.server.queue;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.DeliveryCount;
import io.millrace.coordinator.queue.OffsetRange;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.ReplicatedLog;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches and acquires the records in them, no more than were read.
 *
 * <p>Owned by the partition's loop. One fetch gets batches that lie side by side; reading about as much as the consumer can take keeps
 * that cheap, for which the size of the records read so far is kept.
 */
final class DataReader {
    private static final System.Logger LOGGER = System.getLogger(DataReader.class.getName());

    private static final int READ_BYTES_MIN = 16 * 1024;
    private static final int FIRST_RECORD_BYTES = 1_024;

    private final ReplicatedLog data;
    private double recordBytes = FIRST_RECORD_BYTES; // moving average
    private @Nullable Outcome<CursorRecord, ErrorCode> skipped;

    DataReader(ReplicatedLog data) {
        this.data = data;
    }

    /** Acquires what the consumer wants, from the first available offset on. */
    Acquired acquire(PartitionKey key, QueueCursor cursor, PendingAcquire pending, long first) {
        ReplicatedLog.Batches found = data.read(first, bytesFor(pending));
        if (found.errorCode().isError() || !found.batches().isReadable()) {
            found.batches().release();
            return Acquired.refused(key, found.errorCode());
        }
        ByteBuf bytes = found.batches();
        try {
            var layout = new BatchLayout(bytes, first);
            noteSize(bytes.readableBytes(), layout.recordCount());
            return acquire(key, cursor, pending, bytes, layout);
        } catch (InvalidRecordException e) {
            LOGGER.log(ERROR, () -> "The " + data + " is damaged at offset " + first, e);
            bytes.release();
            return Acquired.refused(key, ErrorCode.CORRUPT_MESSAGE);
        }
    }

    private int bytesFor(PendingAcquire pending) {
        double wanted = Math.max(READ_BYTES_MIN, 1.25 * recordBytes * pending.maxRecords());
        return (int) Math.max(1, Math.min(pending.maxBytes(), wanted));
    }

    private void noteSize(int bytes, int records) {
        if (records > 0) {
            recordBytes += ((double) bytes / records - recordBytes) / 8;
        }
    }

    private Acquired acquire(
            PartitionKey key, QueueCursor cursor, PendingAcquire pending, ByteBuf bytes, BatchLayout layout) {
        long end = Math.min(layout.endOffset(), data.highWatermark());
        List<DeliveryCount> acquired = cursor.acquire(pending.consumer(), pending.maxRecords(), end);
        List<Settlement> gaps = gapsWithin(acquired, layout.gaps());
        if (!gaps.isEmpty()) {
            skipped = cursor.acknowledge(pending.consumer().consumerId(), gaps);
        }
        List<AcquiredRange> ranges = without(gaps, acquired);
        if (ranges.isEmpty()) {
            bytes.release();
            return new Acquired(key, ErrorCode.NONE, List.of(), Records.EMPTY);
        }
        bytes.writerIndex(layout.endIndexOf(ranges.get(ranges.size() - 1).lastOffset()));
        return new Acquired(key, ErrorCode.NONE, ranges, Records.of(bytes));
    }

    private static List<Settlement> gapsWithin(List<DeliveryCount> acquired, List<OffsetRange> gaps) {
        var within = new ArrayList<Settlement>();
        for (OffsetRange gap : gaps) {
            for (DeliveryCount range : acquired) {
                long first = Math.max(gap.first(), range.first());
                long last = Math.min(gap.last(), range.last());
                if (first <= last) {
                    within.add(new Settlement(first, last, Verdict.ACCEPT));
                }
            }
        }
        return within;
    }

    private static List<AcquiredRange> without(List<Settlement> gaps, List<DeliveryCount> acquired) {
        var ranges = new ArrayList<AcquiredRange>();
        for (DeliveryCount range : acquired) {
            long next = range.first();
            for (Settlement gap : gaps) {
                if (gap.first() >= next && gap.last() <= range.last()) {
                    add(ranges, next, gap.first() - 1, range.deliveryCount());
                    next = gap.last() + 1;
                }
            }
            add(ranges, next, range.last(), range.deliveryCount());
        }
        return ranges;
    }

    private static void add(List<AcquiredRange> ranges, long first, long last, int deliveryCount) {
        if (first <= last) {
            ranges.add(new AcquiredRange(first, last, (short) Math.min(deliveryCount, Short.MAX_VALUE)));
        }
    }

    /** The settlement of offsets that turned out to have no record, to be appended; once. */
    Optional<Outcome<CursorRecord, ErrorCode>> takeSkipped() {
        var taken = Optional.ofNullable(skipped);
        skipped = null;
        return taken;
    }
}
