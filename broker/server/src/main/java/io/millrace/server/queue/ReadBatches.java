package io.millrace.server.queue;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Batches that lie side by side in a log, as one read has brought them. Owns their bytes until it is released. */
final class ReadBatches {
    private final ByteBuf bytes;
    private final List<RecordBatch> batches = new ArrayList<>();
    private final List<Integer> ends = new ArrayList<>(); // in the buffer
    private int recordCount;

    /**
     * Looks at the headers of all batches, of which there is at least one.
     *
     * @param bytes ownership passes, unless this throws
     */
    ReadBatches(ByteBuf bytes) throws InvalidRecordException {
        this.bytes = bytes;
        int index = bytes.readerIndex();
        RecordBatches walk = RecordBatches.in(bytes);
        while (walk.hasNext()) {
            RecordBatch batch = walk.next();
            index += batch.sizeInBytes();
            batches.add(batch);
            ends.add(index);
            recordCount += batch.lastOffsetDelta() + 1;
        }
    }

    List<RecordBatch> batches() {
        return batches;
    }

    /** The offset after the last batch. */
    long nextOffset() {
        return batches.get(batches.size() - 1).nextOffset();
    }

    /** How many offsets the batches have, for working out how large records are. */
    int recordCount() {
        return recordCount;
    }

    int sizeInBytes() {
        return bytes.readableBytes();
    }

    boolean holds(long offset) {
        return batches.get(0).baseOffset() <= offset
                && offset <= batches.get(batches.size() - 1).lastOffset();
    }

    /** Which batch holds the offset, or is the first behind it; there must be one. */
    int indexOf(long offset) {
        int low = 0;
        int high = batches.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (batches.get(middle).lastOffset() < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The bytes of the batches from one to another, both included, with a reference of their own. */
    ByteBuf retainedSlice(int first, int last) {
        int start = ends.get(first) - batches.get(first).sizeInBytes();
        return bytes.retainedSlice(start, ends.get(last) - start);
    }

    ReadBatches retain() {
        bytes.retain();
        return this;
    }

    void release() {
        bytes.release();
    }
}
