package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A view of one record batch, format version 2, at a place in a buffer. Nothing is copied or decoded.
 *
 * <p>Not safe for threads while something is patched. Invariant: header and body lie within the buffer; all else is
 * only as true as {@link #hasValidChecksum} and a {@link RecordBatchValidator} say.
 *
 * <pre>
 *  0 base offset      8 | 8 length 4 | 12 leader epoch 4 | 16 magic 1 | 17 CRC-32C 4 | 21 attributes 2
 * 23 last offset delta 4 | 27 base timestamp 8 | 35 max timestamp 8
 * 43 producer id      8 | 51 producer epoch 2 | 53 base sequence 4 | 57 record count 4 | 61 records
 * </pre>
 *
 * The checksum covers everything from the attributes on, so that a broker assigns offset and leader epoch for free.
 */
public final class RecordBatch {

    /** Bytes before the records. */
    public static final int HEADER_BYTES = 61;
    /** Bytes that the length field does not count: the base offset and the field itself. */
    public static final int LENGTH_OVERHEAD_BYTES = 12;

    public static final byte MAGIC = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final int NO_LEADER_EPOCH = -1;
    public static final long NO_TIMESTAMP = -1;

    static final int BASE_OFFSET_AT = 0;
    static final int LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int RECORD_COUNT_AT = 57;

    static final int CODEC_MASK = 0x07;
    static final int LOG_APPEND_TIME_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;

    private final ByteBuf buffer;
    private final int start;
    private final int sizeInBytes;

    private RecordBatch(ByteBuf buffer, int start, int sizeInBytes) {
        this.buffer = buffer;
        this.start = start;
        this.sizeInBytes = sizeInBytes;
    }

    /**
     * The batch that begins at an index of a buffer and must end at or before its writer index.
     *
     * @throws InvalidRecordException when the bytes end early, the length is impossible or the format is not version 2
     */
    public static RecordBatch at(ByteBuf buffer, int index) throws InvalidRecordException {
        int available = buffer.writerIndex() - index;
        long sizeInBytes = checkedSize(buffer, index, available);
        if (sizeInBytes > available) {
            throw corrupt("A record batch claims " + sizeInBytes + " bytes; there are " + available);
        }
        return new RecordBatch(buffer, index, (int) sizeInBytes);
    }

    private static long checkedSize(ByteBuf buffer, int index, int available) throws InvalidRecordException {
        if (available < HEADER_BYTES) {
            throw corrupt("A record batch needs " + HEADER_BYTES + " bytes for its header; there are " + available);
        }
        byte magic = buffer.getByte(index + MAGIC_AT);
        if (magic != MAGIC) {
            throw new InvalidRecordException(
                    Reason.UNSUPPORTED_FORMAT,
                    "The record format has version " + magic + "; only version " + MAGIC + " is supported");
        }
        long sizeInBytes = (long) buffer.getInt(index + LENGTH_AT) + LENGTH_OVERHEAD_BYTES;
        if (sizeInBytes < HEADER_BYTES) {
            throw corrupt("A record batch claims " + sizeInBytes + " bytes; its header alone has " + HEADER_BYTES);
        }
        return sizeInBytes;
    }

    /**
     * The header of a batch whose records may lie beyond the buffer: nothing that touches the records may be called.
     *
     * @throws InvalidRecordException when the header ends early, the length is impossible or the format is not version 2
     */
    public static RecordBatch headerAt(ByteBuf buffer, int index) throws InvalidRecordException {
        long sizeInBytes = checkedSize(buffer, index, buffer.writerIndex() - index);
        if (sizeInBytes > Integer.MAX_VALUE) {
            throw corrupt("A record batch claims " + sizeInBytes + " bytes; possible are at most " + Integer.MAX_VALUE);
        }
        return new RecordBatch(buffer, index, (int) sizeInBytes);
    }

    /** Header and records together. */
    public int sizeInBytes() {
        return sizeInBytes;
    }

    public long baseOffset() {
        return buffer.getLong(start + BASE_OFFSET_AT);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long nextOffset() {
        return lastOffset() + 1;
    }

    public int leaderEpoch() {
        return buffer.getInt(start + LEADER_EPOCH_AT);
    }

    public byte magic() {
        return buffer.getByte(start + MAGIC_AT);
    }

    public int checksum() {
        return buffer.getInt(start + CRC_AT);
    }

    public short attributes() {
        return buffer.getShort(start + ATTRIBUTES_AT);
    }

    /** The codec of the records. Refuses the three numbers that mean nothing. */
    public Compression compression() throws InvalidRecordException {
        return Compression.ofId(attributes() & CODEC_MASK);
    }

    public boolean isCompressed() {
        return (attributes() & CODEC_MASK) != 0;
    }

    public TimestampType timestampType() {
        return (attributes() & LOG_APPEND_TIME_BIT) == 0 ? TimestampType.CREATE_TIME : TimestampType.LOG_APPEND_TIME;
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    /** Whether the batch holds a transaction marker instead of records of a client. */
    public boolean isControl() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /** Whether the base timestamp says until when the tombstones of the batch, or its marker, stay (KIP-534). */
    public boolean hasDeleteHorizon() {
        return (attributes() & DELETE_HORIZON_BIT) != 0;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(start + LAST_OFFSET_DELTA_AT);
    }

    /** What the records' time stamps count from; with {@link #hasDeleteHorizon} also the end of a time of grace. */
    public long baseTimestamp() {
        return buffer.getLong(start + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return buffer.getLong(start + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return buffer.getLong(start + PRODUCER_ID_AT);
    }

    public boolean hasProducerId() {
        return producerId() > NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(start + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(start + BASE_SEQUENCE_AT);
    }

    /** The sequence number of the last record; the number after {@link Integer#MAX_VALUE} is 0. */
    public int lastSequence() {
        int baseSequence = baseSequence();
        if (baseSequence == NO_SEQUENCE) {
            return NO_SEQUENCE;
        }
        return (int) (((long) baseSequence + lastOffsetDelta()) & Integer.MAX_VALUE);
    }

    public int recordCount() {
        return buffer.getInt(start + RECORD_COUNT_AT);
    }

    /** Computes the checksum over the buffer's own memory and compares it. */
    public boolean hasValidChecksum() {
        return checksum() == computeChecksum();
    }

    /** Assigns the place in the log: twelve bytes that the checksum does not cover. */
    public void assignOffset(long baseOffset, int leaderEpoch) {
        buffer.setLong(start + BASE_OFFSET_AT, baseOffset);
        buffer.setInt(start + LEADER_EPOCH_AT, leaderEpoch);
    }

    /** Sets who stamps the records and the greatest time stamp; recomputes the checksum only if that changes a byte. */
    public void assignTimestamp(TimestampType type, long maxTimestamp) {
        if (type == timestampType() && maxTimestamp == maxTimestamp()) {
            return;
        }
        int cleared = attributes() & ~LOG_APPEND_TIME_BIT;
        buffer.setShort(
                start + ATTRIBUTES_AT, type == TimestampType.LOG_APPEND_TIME ? cleared | LOG_APPEND_TIME_BIT : cleared);
        buffer.setLong(start + MAX_TIMESTAMP_AT, maxTimestamp);
        updateChecksum();
    }

    /** Rewrites what an idempotent producer numbers, before a first send or for a retry under another epoch. */
    public void assignProducer(long producerId, short producerEpoch, int baseSequence) {
        buffer.setLong(start + PRODUCER_ID_AT, producerId);
        buffer.setShort(start + PRODUCER_EPOCH_AT, producerEpoch);
        buffer.setInt(start + BASE_SEQUENCE_AT, baseSequence);
        updateChecksum();
    }

    /** Makes it one that no consumer reads, in a copy that must keep its offsets. */
    public void makeControl() {
        buffer.setShort(start + ATTRIBUTES_AT, attributes() | CONTROL_BIT);
        updateChecksum();
    }

    /** The bytes of the batch, without a reference count of their own. */
    public ByteBuf bytes() {
        return buffer.slice(start, sizeInBytes);
    }

    /**
     * The records of the batch, unpacked where they are compressed.
     *
     * @param decompressedBytesMax bound on the memory that unpacking may take
     * @throws InvalidRecordException when the records cannot be unpacked within the bound or their count is impossible
     */
    public RecordIterator records(int decompressedBytesMax) throws InvalidRecordException {
        return new RecordIterator(this, compression().decompress(packedRecords(), decompressedBytesMax));
    }

    /** The records as they are in the batch, without a reference count of their own. */
    ByteBuf packedRecords() {
        return buffer.slice(start + HEADER_BYTES, sizeInBytes - HEADER_BYTES);
    }

    void updateChecksum() {
        buffer.setInt(start + CRC_AT, computeChecksum());
    }

    private int computeChecksum() {
        CRC32C crc = new CRC32C();
        int index = start + ATTRIBUTES_AT;
        int length = sizeInBytes - ATTRIBUTES_AT;
        if (buffer.nioBufferCount() == 1) {
            crc.update(buffer.nioBuffer(index, length));
        } else {
            for (ByteBuffer part : buffer.nioBuffers(index, length)) {
                crc.update(part);
            }
        }
        return (int) crc.getValue();
    }

    private static InvalidRecordException corrupt(String message) {
        return new InvalidRecordException(Reason.CORRUPT, message);
    }

    @Override
    public String toString() {
        return "RecordBatch[offsets " + baseOffset() + ".." + lastOffset() + ", leaderEpoch " + leaderEpoch() + ", "
                + recordCount() + " records, " + sizeInBytes + " bytes]";
    }
}
