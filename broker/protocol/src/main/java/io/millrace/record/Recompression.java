package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Packs the records of batches with a codec of the broker's choice, whatever their producer chose. Immutable.
 *
 * @param codec {@link Compression#NONE} to keep the records unpacked
 * @param level of the codec, or {@link Compression#DEFAULT_LEVEL}
 * @param batchBytesMax limit of the new batch
 * @param decompressedBytesMax limit of the records unpacked
 */
public record Recompression(Compression codec, int level, int batchBytesMax, int decompressedBytesMax) {

    /**
     * A batch with the same records, offsets, times and producer in the codec. Costs the time to unpack, check and pack all records, unless they
     * have the codec already.
     *
     * @return a buffer of its own that the caller releases; where the codec is the same, the batch itself with one reference more
     * @throws InvalidRecordException where the records cannot be unpacked, are not well-formed, or are too many bytes in the codec
     */
    public ByteBuf apply(ByteBuf batch, ByteBufAllocator allocator) throws InvalidRecordException {
        RecordBatch before = RecordBatch.at(batch, batch.readerIndex());
        if (before.compression() == codec) {
            return batch.retain();
        }
        ByteBuf plain = before.compression().decompress(before.packedRecords(), decompressedBytesMax);
        new RecordIterator(before, plain.slice()).verifyRest(false);
        if (codec == Compression.NONE) {
            checkSize(RecordBatch.HEADER_BYTES + plain.readableBytes());
        }
        int expected = Math.min(batchBytesMax, plain.readableBytes());
        ByteBuf packed = allocator.buffer(RecordBatch.HEADER_BYTES + expected);
        boolean isDone = false;
        try {
            packed.writeBytes(before.bytes(), 0, RecordBatch.HEADER_BYTES);
            codec.compress(plain, packed, level);
            checkSize(packed.readableBytes());
            packed.setInt(RecordBatch.LENGTH_AT, packed.readableBytes() - RecordBatch.LENGTH_OVERHEAD_BYTES);
            packed.setShort(RecordBatch.ATTRIBUTES_AT, (before.attributes() & ~RecordBatch.CODEC_MASK) | codec.id());
            RecordBatch.at(packed, 0).updateChecksum();
            isDone = true;
            return packed;
        } finally {
            if (!isDone) {
                packed.release();
            }
        }
    }

    private void checkSize(int bytes) throws InvalidRecordException {
        if (bytes > batchBytesMax) {
            throw new InvalidRecordException(
                    Reason.TOO_LARGE,
                    "A record batch has " + bytes + " bytes with compression.type=" + codec.configName()
                            + ", which the topic demands; the limit is " + batchBytesMax);
        }
    }
}
