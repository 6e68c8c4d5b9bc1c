package io.millrace.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects records and makes one batch of them.
 *
 * <p>Not safe for threads. Owns its buffer until {@link #build} hands the batch over; {@link #close} releases it
 * otherwise, and after {@code build} does nothing. The size limit counts bytes before compression.
 */
public final class RecordBatchBuilder implements AutoCloseable {

    private static final int INITIAL_BYTES = 1024;
    private static final int RECORD_ATTRIBUTES_BYTES = 1;

    private final ByteBufAllocator allocator;
    private final Compression compression;
    private final int bytesMax;

    private @Nullable ByteBuf buffer;
    private int recordCount;
    private long baseTimestamp = RecordBatch.NO_TIMESTAMP;
    private long maxTimestamp = RecordBatch.NO_TIMESTAMP;

    /**
     * A builder without records.
     *
     * @param bytesMax size that a batch of several records may not exceed; a single record always fits
     */
    public RecordBatchBuilder(ByteBufAllocator allocator, Compression compression, int bytesMax) {
        this.allocator = allocator;
        this.compression = compression;
        this.bytesMax = bytesMax;
        this.buffer = allocator.buffer(Math.max(RecordBatch.HEADER_BYTES, Math.min(bytesMax, INITIAL_BYTES)));
        buffer.writeZero(RecordBatch.HEADER_BYTES);
    }

    /**
     * Copies the readable bytes of key and value into the batch, or refuses when the batch would grow beyond its limit.
     *
     * @param timestamp milliseconds since 1970
     * @return whether the record is in the batch
     */
    public boolean tryAppend(
            long timestamp, @Nullable ByteBuf key, @Nullable ByteBuf value, List<RecordHeader> headers) {
        ByteBuf target = openBuffer();
        long timestampDelta = recordCount == 0 ? 0 : timestamp - baseTimestamp;
        int bodyBytes = bodyBytes(timestampDelta, key, value, headers);
        if (recordCount > 0 && (long) target.readableBytes() + Varints.sizeOf(bodyBytes) + bodyBytes > bytesMax) {
            return false;
        }
        if (recordCount == 0) {
            baseTimestamp = timestamp;
        }
        Varints.writeInt(target, bodyBytes);
        target.writeByte(0);
        Varints.writeLong(target, timestampDelta);
        Varints.writeInt(target, recordCount);
        writeBytes(target, key);
        writeBytes(target, value);
        writeHeaders(target, headers);
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        recordCount++;
        return true;
    }

    private int bodyBytes(
            long timestampDelta, @Nullable ByteBuf key, @Nullable ByteBuf value, List<RecordHeader> headers) {
        int bytes = RECORD_ATTRIBUTES_BYTES + Varints.sizeOf(timestampDelta) + Varints.sizeOf(recordCount);
        bytes = Math.addExact(bytes, sizeWithLength(key == null ? -1 : key.readableBytes()));
        bytes = Math.addExact(bytes, sizeWithLength(value == null ? -1 : value.readableBytes()));
        bytes += Varints.sizeOf(headers.size());
        for (RecordHeader header : headers) {
            byte[] headerValue = header.value();
            bytes = Math.addExact(bytes, sizeWithLength(ByteBufUtil.utf8Bytes(header.key())));
            bytes = Math.addExact(bytes, sizeWithLength(headerValue == null ? -1 : headerValue.length));
        }
        return bytes;
    }

    private static int sizeWithLength(int length) {
        return Varints.sizeOf(length) + Math.max(0, length);
    }

    private static void writeBytes(ByteBuf target, @Nullable ByteBuf bytes) {
        if (bytes == null) {
            Varints.writeInt(target, -1);
            return;
        }
        Varints.writeInt(target, bytes.readableBytes());
        target.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }

    private static void writeHeaders(ByteBuf target, List<RecordHeader> headers) {
        Varints.writeInt(target, headers.size());
        for (RecordHeader header : headers) {
            Varints.writeInt(target, ByteBufUtil.utf8Bytes(header.key()));
            target.writeCharSequence(header.key(), StandardCharsets.UTF_8);
            byte[] value = header.value();
            if (value == null) {
                Varints.writeInt(target, -1);
            } else {
                Varints.writeInt(target, value.length);
                target.writeBytes(value);
            }
        }
    }

    public int recordCount() {
        return recordCount;
    }

    public boolean isEmpty() {
        return recordCount == 0;
    }

    /** The size of the batch as it is now, without compression. */
    public int sizeInBytes() {
        return openBuffer().readableBytes();
    }

    /** The batch of a producer that is not idempotent. The caller releases it. */
    public ByteBuf build() {
        return build(RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, false);
    }

    /**
     * The batch, with base offset 0. The caller releases it. {@link RecordBatch#assignProducer} can number it anew.
     *
     * @throws IllegalStateException when there are no records or the batch was built before
     */
    public ByteBuf build(long producerId, short producerEpoch, int baseSequence, boolean transactional) {
        return build(producerId, producerEpoch, baseSequence, transactional ? RecordBatch.TRANSACTIONAL_BIT : 0);
    }

    ByteBuf build(long producerId, short producerEpoch, int baseSequence, int flags) {
        if (recordCount == 0) {
            throw new IllegalStateException("A batch needs at least one record");
        }
        ByteBuf batch = compressed(openBuffer());
        buffer = null;
        batch.setLong(RecordBatch.BASE_OFFSET_AT, 0);
        batch.setInt(RecordBatch.LENGTH_AT, batch.readableBytes() - RecordBatch.LENGTH_OVERHEAD_BYTES);
        batch.setInt(RecordBatch.LEADER_EPOCH_AT, RecordBatch.NO_LEADER_EPOCH);
        batch.setByte(RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        batch.setShort(RecordBatch.ATTRIBUTES_AT, compression.id() | flags);
        batch.setInt(RecordBatch.LAST_OFFSET_DELTA_AT, recordCount - 1);
        batch.setLong(RecordBatch.BASE_TIMESTAMP_AT, baseTimestamp);
        batch.setLong(RecordBatch.MAX_TIMESTAMP_AT, maxTimestamp);
        batch.setInt(RecordBatch.RECORD_COUNT_AT, recordCount);
        viewOf(batch).assignProducer(producerId, producerEpoch, baseSequence);
        return batch;
    }

    private ByteBuf compressed(ByteBuf plain) {
        if (compression == Compression.NONE) {
            return plain;
        }
        ByteBuf packed = allocator.buffer(Math.max(RecordBatch.HEADER_BYTES, plain.readableBytes() / 2));
        packed.writeZero(RecordBatch.HEADER_BYTES);
        compression.compress(
                plain.slice(RecordBatch.HEADER_BYTES, plain.readableBytes() - RecordBatch.HEADER_BYTES), packed);
        plain.release();
        return packed;
    }

    private static RecordBatch viewOf(ByteBuf batch) {
        try {
            return RecordBatch.at(batch, batch.readerIndex());
        } catch (InvalidRecordException e) {
            throw new IllegalStateException("The header just written is not one", e);
        }
    }

    private ByteBuf openBuffer() {
        if (buffer == null) {
            throw new IllegalStateException("The batch was built or the builder closed");
        }
        return buffer;
    }

    @Override
    public void close() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }
}
