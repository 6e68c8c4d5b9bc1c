package io.millrace.server.queue;

import io.millrace.coordinator.queue.DeliveryCount;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.protocol.wire.Records;
import io.millrace.record.RecordBatch;
import io.millrace.replication.PartitionKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers what a fetch gets: ranges in the order of their delivery, and the batches that hold them. Owned by one call. */
final class AcquiredBatches {
    /** Records that lie scattered are read in so many places at most. */
    static final int READS_MAX = 16;

    private record Read(ReadBatches batches, BitSet used) {}

    private record Run(Read read, int first, int last) {}

    private final int bytesMax;
    private final List<Read> reads = new ArrayList<>(1);
    private final List<DeliveryCount> ranges = new ArrayList<>();
    private int bytes;

    AcquiredBatches(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    List<DeliveryCount> ranges() {
        return ranges;
    }

    boolean isFull() {
        return reads.size() >= READS_MAX || bytes >= bytesMax;
    }

    int bytesLeft() {
        return Math.max(1, bytesMax - bytes);
    }

    /** What was read and holds the offset, or null. */
    @Nullable
    ReadBatches readWith(long offset) {
        for (Read read : reads) {
            if (read.batches.holds(offset)) {
                return read.batches;
            }
        }
        return null;
    }

    /** Something more was read; takes a reference over. */
    void add(ReadBatches batches) {
        reads.add(new Read(batches, new BitSet()));
    }

    /** The last offset up to which there is room, counted from this one on; less than it where there is none. The first batch always fits. */
    long lastFitting(ReadBatches batches, long offset, long wanted) {
        Read read = readOf(batches);
        List<RecordBatch> all = batches.batches();
        int index = batches.indexOf(offset);
        int left = bytesMax - bytes - cost(read, index);
        if (left < 0 && !ranges.isEmpty()) {
            return offset - 1;
        }
        while (index + 1 < all.size()
                && all.get(index).lastOffset() < offset + wanted
                && left >= cost(read, index + 1)) {
            index++;
            left -= cost(read, index);
        }
        return all.get(index).lastOffset();
    }

    private static int cost(Read read, int index) {
        return read.used.get(index) ? 0 : read.batches.batches().get(index).sizeInBytes();
    }

    private Read readOf(ReadBatches batches) {
        return reads.stream()
                .filter(read -> read.batches == batches)
                .findFirst()
                .orElseThrow();
    }

    /** A range that was acquired, all of which was read with these batches. */
    void add(ReadBatches batches, DeliveryCount range) {
        DeliveryCount.append(ranges, range);
        Read read = readOf(batches);
        int last = batches.indexOf(range.last());
        for (int index = batches.indexOf(range.first()); index <= last; index++) {
            bytes += cost(read, index);
            read.used.set(index);
        }
    }

    /** What goes into the answer; what was read is released. */
    Acquired complete(PartitionKey key) {
        try {
            List<AcquiredRange> acquired = ranges.stream()
                    .map(range -> new AcquiredRange(
                            range.first(), range.last(), (short) Math.min(range.deliveryCount(), Short.MAX_VALUE)))
                    .toList();
            return new Acquired(key, ErrorCode.NONE, acquired, records());
        } finally {
            release();
        }
    }

    private Records records() {
        var runs = new TreeMap<Long, Run>(); // by base offset: two reads may have brought the same batch
        for (Read read : reads) {
            int first = read.used.nextSetBit(0);
            while (first >= 0) {
                int end = read.used.nextClearBit(first);
                addRun(runs, read, first, end - 1);
                first = read.used.nextSetBit(end);
            }
        }
        ByteBuf[] slices = runs.values().stream()
                .map(run -> run.read.batches.retainedSlice(run.first, run.last))
                .toArray(ByteBuf[]::new);
        if (slices.length == 0) {
            return Records.EMPTY;
        }
        return Records.of(slices.length == 1 ? slices[0] : Unpooled.wrappedBuffer(slices.length, slices));
    }

    private void addRun(Map<Long, Run> runs, Read read, int first, int last) {
        if (reads.size() == 1) {
            runs.put((long) first, new Run(read, first, last));
            return;
        }
        for (int index = first; index <= last; index++) {
            runs.put(read.batches.batches().get(index).baseOffset(), new Run(read, index, index));
        }
    }

    void release() {
        reads.forEach(read -> read.batches.release());
        reads.clear();
    }
}
