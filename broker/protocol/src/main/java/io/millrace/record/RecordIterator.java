package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of one batch and checks what it reads.
 *
 * <p>Not safe for threads. Invariant: offsets rise and stay within the offsets that the batch claims.
 */
public final class RecordIterator {

    /** Length, attributes, two deltas, key length, value length and header count take at least one byte each. */
    private static final int RECORD_BYTES_MIN = 7;

    private static final int HEADER_ENTRY_BYTES_MIN = 2;

    private final ByteBuf records;
    private final long baseOffset;
    private final int lastOffsetDelta;
    private final long baseTimestamp;
    private final long logAppendTimestamp;
    private final boolean stampedOnAppend;
    private final int recordCount;

    private int read;
    private int previousOffsetDelta = -1;

    RecordIterator(RecordBatch batch, ByteBuf records) throws InvalidRecordException {
        this.records = records;
        this.baseOffset = batch.baseOffset();
        this.lastOffsetDelta = batch.lastOffsetDelta();
        this.baseTimestamp = batch.baseTimestamp();
        this.logAppendTimestamp = batch.maxTimestamp();
        this.stampedOnAppend = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        this.recordCount = batch.recordCount();
        if (recordCount < 0 || (long) recordCount * RECORD_BYTES_MIN > records.readableBytes()) {
            throw corrupt("A record batch claims " + recordCount + " records in " + records.readableBytes() + " bytes");
        }
    }

    public boolean hasNext() {
        return read < recordCount;
    }

    /** How many records are left. */
    public int remaining() {
        return recordCount - read;
    }

    /**
     * The next record.
     *
     * @throws InvalidRecordException when a length lies or an offset is out of order; the walk is over then
     */
    public Record next() throws InvalidRecordException {
        int end = beginRecord();
        long timestamp = stampedOnAppend ? skipTimestamp() : baseTimestamp + Varints.readLong(records);
        int offsetDelta = readOffsetDelta();
        ByteBuf key = readBytes("key");
        ByteBuf value = readBytes("value");
        List<RecordHeader> headers = readHeaders();
        endRecord(end);
        return new Record(baseOffset + offsetDelta, timestamp, key, value, headers);
    }

    /**
     * Shows the next record's timestamp, key and headers.
     *
     * @return its offset
     * @throws InvalidRecordException when a length lies or an offset is out of order; the walk is over then
     */
    public long visitNext(RecordVisitor visitor) throws InvalidRecordException {
        int end = beginRecord();
        visitor.onTimestamp(stampedOnAppend ? skipTimestamp() : baseTimestamp + Varints.readLong(records));
        int offsetDelta = readOffsetDelta();
        int keyLength = readLength("key");
        visitor.onKey(records, records.readerIndex(), keyLength);
        records.skipBytes(Math.max(0, keyLength));
        skipBytes("value");
        int count = readHeaderCount();
        for (int i = 0; i < count; i++) {
            int nameLength = readHeaderKeyLength();
            int nameIndex = records.readerIndex();
            records.skipBytes(nameLength);
            int valueLength = readLength("header value");
            visitor.onHeader(records, nameIndex, nameLength, records.readerIndex(), valueLength);
            records.skipBytes(Math.max(0, valueLength));
        }
        endRecord(end);
        return baseOffset + offsetDelta;
    }

    /** The next record as its bytes are, for whoever copies it: nothing but the key is looked into, all is checked. */
    RawRecord nextRaw() throws InvalidRecordException {
        int start = records.readerIndex();
        int end = beginRecord();
        byte attributes = records.getByte(records.readerIndex() - 1);
        long timestampDelta = Varints.readLong(records);
        int offsetDelta = readOffsetDelta();
        int rest = records.readerIndex();
        ByteBuf key = readBytes("key");
        boolean hasValue = skipBytes("value") >= 0;
        skipHeaders();
        endRecord(end);
        return new RawRecord(
                attributes,
                timestampDelta,
                offsetDelta,
                key,
                hasValue,
                records.slice(start, end - start),
                records.slice(rest, end - rest));
    }

    /**
     * A record as bytes.
     *
     * @param whole all of it, its length included
     * @param rest key, value and headers
     */
    record RawRecord(
            byte attributes,
            long timestampDelta,
            int offsetDelta,
            @Nullable ByteBuf key,
            boolean hasValue,
            ByteBuf whole,
            ByteBuf rest) {}

    /** All remaining records. */
    public List<Record> toList() throws InvalidRecordException {
        List<Record> list = new ArrayList<>(remaining());
        while (hasNext()) {
            list.add(next());
        }
        return list;
    }

    /** Walks to the end without making objects; every length is checked and offsets must have no gap. */
    void verifyRest(boolean keyRequired) throws InvalidRecordException {
        while (hasNext()) {
            int end = beginRecord();
            Varints.readLong(records);
            int expected = previousOffsetDelta + 1;
            if (readOffsetDelta() != expected) {
                throw new InvalidRecordException(
                        Reason.INVALID,
                        "Record " + expected + " of a batch has the offset delta " + previousOffsetDelta);
            }
            int keyLength = skipBytes("key");
            if (keyRequired && keyLength < 0) {
                throw new InvalidRecordException(
                        Reason.INVALID, "Record " + expected + " has no key, which a compacted topic needs");
            }
            skipBytes("value");
            skipHeaders();
            endRecord(end);
        }
    }

    private int beginRecord() throws InvalidRecordException {
        if (!hasNext()) {
            throw new IllegalStateException("All " + recordCount + " records were read");
        }
        int length = Varints.readInt(records);
        if (length < 0 || length > records.readableBytes()) {
            throw corrupt("Record " + read + " claims " + length + " bytes; " + records.readableBytes() + " are left");
        }
        int end = records.readerIndex() + length;
        if (length == 0) {
            throw corrupt("Record " + read + " is empty");
        }
        records.skipBytes(1);
        return end;
    }

    private long skipTimestamp() throws InvalidRecordException {
        Varints.readLong(records);
        return logAppendTimestamp;
    }

    private int readOffsetDelta() throws InvalidRecordException {
        int offsetDelta = Varints.readInt(records);
        if (offsetDelta <= previousOffsetDelta || offsetDelta > lastOffsetDelta) {
            throw corrupt("Record " + read + " has the offset delta " + offsetDelta + "; it must be above "
                    + previousOffsetDelta + " and at most " + lastOffsetDelta);
        }
        previousOffsetDelta = offsetDelta;
        return offsetDelta;
    }

    private void endRecord(int end) throws InvalidRecordException {
        if (records.readerIndex() != end) {
            throw corrupt("Record " + read + " ends at byte " + records.readerIndex() + "; its length says " + end);
        }
        read++;
        if (read == recordCount && records.isReadable()) {
            throw corrupt(records.readableBytes() + " bytes follow the last of " + recordCount + " records");
        }
    }

    private @Nullable ByteBuf readBytes(String what) throws InvalidRecordException {
        int length = readLength(what);
        return length < 0 ? null : records.readSlice(length);
    }

    private int skipBytes(String what) throws InvalidRecordException {
        int length = readLength(what);
        if (length > 0) {
            records.skipBytes(length);
        }
        return length;
    }

    private int readLength(String what) throws InvalidRecordException {
        int length = Varints.readInt(records);
        if (length < -1 || length > records.readableBytes()) {
            throw corrupt("The " + what + " of record " + read + " claims " + length + " bytes; "
                    + records.readableBytes() + " are left");
        }
        return length;
    }

    private List<RecordHeader> readHeaders() throws InvalidRecordException {
        int count = readHeaderCount();
        if (count == 0) {
            return List.of();
        }
        List<RecordHeader> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String key = records.readCharSequence(readHeaderKeyLength(), StandardCharsets.UTF_8)
                    .toString();
            int valueLength = readLength("header value");
            byte[] value = null;
            if (valueLength >= 0) {
                value = new byte[valueLength];
                records.readBytes(value);
            }
            headers.add(new RecordHeader(key, value));
        }
        return headers;
    }

    private void skipHeaders() throws InvalidRecordException {
        int count = readHeaderCount();
        for (int i = 0; i < count; i++) {
            records.skipBytes(readHeaderKeyLength());
            skipBytes("header value");
        }
    }

    private int readHeaderCount() throws InvalidRecordException {
        int count = Varints.readInt(records);
        if (count < 0 || (long) count * HEADER_ENTRY_BYTES_MIN > records.readableBytes()) {
            throw corrupt("Record " + read + " claims " + count + " headers in " + records.readableBytes() + " bytes");
        }
        return count;
    }

    private int readHeaderKeyLength() throws InvalidRecordException {
        int length = readLength("header key");
        if (length < 0) {
            throw corrupt("A header of record " + read + " has no key");
        }
        return length;
    }

    private static InvalidRecordException corrupt(String message) {
        return new InvalidRecordException(Reason.CORRUPT, message);
    }
}
