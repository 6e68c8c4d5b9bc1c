package io.millrace.server.queue;

import io.millrace.coordinator.queue.OffsetRange;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Where batches lie in a buffer, and which offsets between them have no record for a consumer. Immutable. */
final class BatchLayout {
    private record Batch(long firstOffset, long lastOffset, int endIndex) {}

    private final List<Batch> batches = new ArrayList<>();
    private final List<OffsetRange> gaps = new ArrayList<>();
    private final long endOffset;
    private final int recordCount;

    /**
     * Looks at the headers of all batches.
     *
     * @param firstOffset what was asked for; offsets below do not count
     */
    BatchLayout(ByteBuf bytes, long firstOffset) throws InvalidRecordException {
        long next = firstOffset;
        int index = bytes.readerIndex();
        int records = 0;
        RecordBatches walk = RecordBatches.in(bytes);
        while (walk.hasNext()) {
            RecordBatch batch = walk.next();
            index += batch.sizeInBytes();
            batches.add(new Batch(batch.baseOffset(), batch.lastOffset(), index));
            records += batch.lastOffsetDelta() + 1;
            long gapEnd = batch.isControl() ? batch.nextOffset() : batch.baseOffset();
            if (gapEnd > next) {
                gaps.add(new OffsetRange(next, gapEnd - 1));
            }
            next = Math.max(next, batch.nextOffset());
        }
        endOffset = next;
        recordCount = records;
    }

    /** The offset after the last batch. */
    long endOffset() {
        return endOffset;
    }

    /** How many offsets the batches have, for working out how large records are. */
    int recordCount() {
        return recordCount;
    }

    /** Offsets of control batches, and offsets that no batch has. */
    List<OffsetRange> gaps() {
        return gaps;
    }

    /** Where in the buffer the batch that holds the offset ends. */
    int endIndexOf(long offset) {
        for (Batch batch : batches) {
            if (offset <= batch.lastOffset()) {
                return batch.endIndex();
            }
        }
        throw new IllegalArgumentException("Offset " + offset + " is not below " + endOffset);
    }
}
