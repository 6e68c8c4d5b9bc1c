package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.InvalidRecordException.Reason;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Hops from batch to batch in a segment file and reads their headers only.
 *
 * <p>Owned by one thread. Small batches come several to a read; behind a large one only the next header is read.
 */
final class BatchScanner {

    private static final int CHUNK_BYTES = 4096;

    private final DiskFile file;
    private final int end;
    private final ByteBuffer memory = ByteBuffer.allocate(CHUNK_BYTES);
    private final ByteBuf chunk = Unpooled.wrappedBuffer(memory.array());

    private int chunkStart;
    private int chunkEnd;
    private int position;
    private int nextPosition;
    private int readBytes = CHUNK_BYTES;

    /** A scanner before the batch at a position, which is the first to come. */
    BatchScanner(DiskFile file, int position, int end) {
        this.file = file;
        this.end = end;
        this.nextPosition = position;
    }

    /**
     * The header of the next batch, valid until the next call; null at the end.
     *
     * @throws InvalidRecordException when something else is there
     */
    @Nullable
    RecordBatch next() throws InvalidRecordException {
        position = nextPosition;
        if (position >= end) {
            return null;
        }
        if (position + RecordBatch.HEADER_BYTES > chunkEnd || position < chunkStart) {
            load();
        }
        RecordBatch header = RecordBatch.headerAt(chunk, position - chunkStart);
        if (header.sizeInBytes() > end - position) {
            throw new InvalidRecordException(
                    Reason.CORRUPT,
                    "The batch at byte " + position + " claims " + header.sizeInBytes() + " bytes; " + (end - position)
                            + " are left");
        }
        nextPosition = position + header.sizeInBytes();
        readBytes = header.sizeInBytes() < CHUNK_BYTES / 2 ? CHUNK_BYTES : RecordBatch.HEADER_BYTES;
        return header;
    }

    /** Makes the next call return the batch of the last one again. */
    void stepBack() {
        nextPosition = position;
    }

    /** Where the batch of the last {@link #next} begins. */
    int position() {
        return position;
    }

    /** Where the batch of the last {@link #next} ends. */
    int nextPosition() {
        return nextPosition;
    }

    private void load() {
        memory.clear().limit(Math.min(readBytes, end - position));
        chunkStart = position;
        chunkEnd = position + file.read(memory, position);
        chunk.setIndex(0, chunkEnd - chunkStart);
    }
}
