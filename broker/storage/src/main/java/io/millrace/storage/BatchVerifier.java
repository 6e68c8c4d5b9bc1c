package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.InvalidRecordException.Reason;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * Reads whole batches of a segment file and believes none of them.
 *
 * <p>Owned by one thread. Reads through a window that grows to the size of the largest batch.
 */
final class BatchVerifier {

    private static final int WINDOW_BYTES = 1024 * 1024;

    /** Bytes that a search may put through checksums before it gives up and assumes the worst. */
    private static final long SEARCH_CHECKSUM_BYTES_MAX = 1L << 30;

    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;

    private final DiskFile file;
    private final int end;
    private ByteBuffer memory = ByteBuffer.allocate(WINDOW_BYTES);
    private ByteBuf window = Unpooled.wrappedBuffer(memory.array());
    private int windowStart;
    private int windowEnd;

    BatchVerifier(DiskFile file, int end) {
        this.file = file;
        this.end = end;
    }

    /**
     * The batch at a position, valid until the next call.
     *
     * @throws InvalidRecordException when there is no whole batch with a right checksum
     */
    RecordBatch batchAt(int position) throws InvalidRecordException {
        if (end - position < RecordBatch.HEADER_BYTES) {
            throw new InvalidRecordException(Reason.CORRUPT, "only " + (end - position) + " bytes are left");
        }
        ensure(position, RecordBatch.HEADER_BYTES);
        int size = RecordBatch.headerAt(window, position - windowStart).sizeInBytes();
        if (size > end - position) {
            throw new InvalidRecordException(
                    Reason.CORRUPT, "it claims " + size + " bytes and " + (end - position) + " are left");
        }
        ensure(position, size);
        RecordBatch batch = RecordBatch.at(window, position - windowStart);
        if (!batch.hasValidChecksum()) {
            throw new InvalidRecordException(Reason.CORRUPT, "its checksum does not match its " + size + " bytes");
        }
        if (batch.lastOffsetDelta() < 0) {
            throw new InvalidRecordException(Reason.CORRUPT, "its last offset lies below its first");
        }
        return batch;
    }

    /** Whether a valid batch with a later offset begins anywhere behind a position. */
    boolean hasBatchBehind(int position, long offset) {
        long checksumBytes = 0;
        for (int at = position + 1; at <= end - RecordBatch.HEADER_BYTES; at++) {
            if (!looksLikeBatch(at, offset)) {
                continue;
            }
            checksumBytes += window.getInt(at - windowStart + LENGTH_AT);
            if (checksumBytes > SEARCH_CHECKSUM_BYTES_MAX || isBatch(at)) {
                return true;
            }
        }
        return false;
    }

    private boolean looksLikeBatch(int at, long offset) {
        ensure(at, RecordBatch.HEADER_BYTES);
        int index = at - windowStart;
        if (window.getByte(index + MAGIC_AT) != RecordBatch.MAGIC) {
            return false;
        }
        int length = window.getInt(index + LENGTH_AT);
        long baseOffset = window.getLong(index);
        return length > 0 && length < end - at && baseOffset >= offset && baseOffset - offset <= Integer.MAX_VALUE;
    }

    private boolean isBatch(int at) {
        try {
            batchAt(at);
            return true;
        } catch (InvalidRecordException e) {
            return false;
        }
    }

    private void ensure(int position, int bytes) {
        if (position >= windowStart && position + bytes <= windowEnd) {
            return;
        }
        if (bytes > memory.capacity()) {
            memory = ByteBuffer.allocate(bytes);
            window = Unpooled.wrappedBuffer(memory.array());
        }
        memory.clear().limit(Math.min(memory.capacity(), end - position));
        windowStart = position;
        windowEnd = position + file.read(memory, position);
        window.setIndex(0, windowEnd - windowStart);
    }
}
