package io.millrace.storage;

import io.millrace.record.RecordBatch;

/** What a walk over the batches of a segment gathers: its index and its end. Owned by one thread. */
final class SegmentScan {

    private final long baseOffset;
    private final int indexIntervalBytes;

    private SegmentIndex.Entries entries = SegmentIndex.Entries.EMPTY;
    private int lastIndexedBytes;
    private int bytes;
    private long nextOffset;
    private long maxTimestamp = RecordBatch.NO_TIMESTAMP;
    private LogSegment.End beforeLast;

    SegmentScan(long baseOffset, int indexIntervalBytes) {
        this.baseOffset = baseOffset;
        this.indexIntervalBytes = indexIntervalBytes;
        this.nextOffset = baseOffset;
        this.beforeLast = end();
    }

    /** A walk that goes on at the last entry of an index. */
    static SegmentScan resumed(long baseOffset, int indexIntervalBytes, SegmentIndex.Entries entries) {
        SegmentScan scan = new SegmentScan(baseOffset, indexIntervalBytes);
        int last = entries.count() - 1;
        if (last >= 0) {
            scan.entries = entries;
            scan.bytes = entries.position(last);
            scan.lastIndexedBytes = scan.bytes;
            scan.nextOffset = baseOffset + entries.relativeOffset(last);
            scan.maxTimestamp = entries.maxTimestampBefore(last);
            scan.beforeLast = scan.end();
        }
        return scan;
    }

    void add(RecordBatch batch, int position) {
        beforeLast = end();
        if (position - lastIndexedBytes > indexIntervalBytes) {
            entries = entries.plus((int) (batch.baseOffset() - baseOffset), position, maxTimestamp);
            lastIndexedBytes = position;
        }
        bytes = position + batch.sizeInBytes();
        nextOffset = batch.nextOffset();
        maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
    }

    /** Forgets the batch that was added last. */
    void stepBack() {
        bytes = beforeLast.bytes();
        nextOffset = beforeLast.nextOffset();
        maxTimestamp = beforeLast.maxTimestamp();
        entries = entries.below(bytes);
        lastIndexedBytes = Math.min(lastIndexedBytes, bytes);
    }

    SegmentIndex.Entries entries() {
        return entries;
    }

    /** Where the next batch begins. */
    int bytes() {
        return bytes;
    }

    long nextOffset() {
        return nextOffset;
    }

    final LogSegment.End end() {
        return new LogSegment.End(bytes, nextOffset, maxTimestamp);
    }
}
