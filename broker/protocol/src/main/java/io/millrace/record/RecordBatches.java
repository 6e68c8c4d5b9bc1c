package io.millrace.record;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks over the batches that follow each other in a buffer, from its reader index to its writer index.
 *
 * <p>Not safe for threads. Leaves the buffer's indexes alone.
 */
public final class RecordBatches {

    private final ByteBuf buffer;
    private int next;

    private RecordBatches(ByteBuf buffer) {
        this.buffer = buffer;
        this.next = buffer.readerIndex();
    }

    public static RecordBatches in(ByteBuf buffer) {
        return new RecordBatches(buffer);
    }

    /** All batches of a buffer; views, so only as long as the buffer lives. */
    public static List<RecordBatch> listOf(ByteBuf buffer) throws InvalidRecordException {
        List<RecordBatch> batches = new ArrayList<>();
        RecordBatches walk = in(buffer);
        while (walk.hasNext()) {
            batches.add(walk.next());
        }
        return batches;
    }

    public boolean hasNext() {
        return next < buffer.writerIndex();
    }

    /**
     * The next batch.
     *
     * @throws InvalidRecordException when the remaining bytes do not begin with a whole batch; the walk stays there
     */
    public RecordBatch next() throws InvalidRecordException {
        RecordBatch batch = RecordBatch.at(buffer, next);
        next += batch.sizeInBytes();
        return batch;
    }
}
