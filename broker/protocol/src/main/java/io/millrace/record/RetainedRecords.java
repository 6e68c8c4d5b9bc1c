package io.millrace.record;

import io.millrace.record.RecordIterator.RawRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Those records of a batch that compaction leaves in it, and the batch that holds no others.
 *
 * <p>Not safe for threads; lives as long as the buffer of the batch. Offsets, times, sequence numbers and codec of the new
 * batch are those of the old one; only the base timestamp changes where a delete horizon is set (KIP-534). New batches live
 * on the heap.
 */
public final class RetainedRecords {

    /** In the place of a delete horizon: none is set, one that is there stays. */
    public static final long NO_NEW_HORIZON = -1;

    private final RecordBatch batch;
    private final List<RawRecord> records = new ArrayList<>();
    private boolean hasTombstone;

    /** Decides about one record. */
    @FunctionalInterface
    public interface Rule {
        /** Whether the record stays; the key is only valid during the call. */
        boolean retains(long offset, @Nullable ByteBuf key, boolean hasValue);
    }

    private RetainedRecords(RecordBatch batch) {
        this.batch = batch;
    }

    /**
     * Walks over all records of a batch and notes those that stay.
     *
     * @param unpackedBytesMax bound on the memory that unpacking may take
     * @throws InvalidRecordException when the records cannot be read
     */
    public static RetainedRecords of(RecordBatch batch, int unpackedBytesMax, Rule rule) throws InvalidRecordException {
        RetainedRecords retained = new RetainedRecords(batch);
        RecordIterator all = batch.records(unpackedBytesMax);
        while (all.hasNext()) {
            RawRecord record = all.nextRaw();
            if (rule.retains(batch.baseOffset() + record.offsetDelta(), record.key(), record.hasValue())) {
                retained.records.add(record);
                retained.hasTombstone |= !record.hasValue();
            }
        }
        return retained;
    }

    public int count() {
        return records.size();
    }

    /** Whether all records of the batch stay. */
    public boolean isWhole() {
        return records.size() == batch.recordCount();
    }

    /** Whether a record that stays has no value. */
    public boolean hasTombstone() {
        return hasTombstone;
    }

    /**
     * The batch with the records that stay, in new memory.
     *
     * @param deleteHorizonMs until when tombstones or a marker stay, or {@link #NO_NEW_HORIZON}
     */
    public ByteBuf toBatch(long deleteHorizonMs) throws InvalidRecordException {
        boolean horizon = deleteHorizonMs != NO_NEW_HORIZON;
        long baseTimestamp = horizon ? deleteHorizonMs : batch.baseTimestamp();
        ByteBuf plain = Unpooled.buffer();
        long maxTimestamp = RecordBatch.NO_TIMESTAMP;
        for (RawRecord record : records) {
            long timestamp = batch.baseTimestamp() + record.timestampDelta();
            maxTimestamp = Math.max(maxTimestamp, timestamp);
            if (horizon) {
                write(record, timestamp - baseTimestamp, plain);
            } else {
                plain.writeBytes(
                        record.whole(),
                        record.whole().readerIndex(),
                        record.whole().readableBytes());
            }
        }
        ByteBuf target = header();
        batch.compression().compress(plain, target);
        int attributes = horizon ? batch.attributes() | RecordBatch.DELETE_HORIZON_BIT : batch.attributes();
        boolean stampedOnAppend = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        return finished(
                target, attributes, baseTimestamp, stampedOnAppend ? batch.maxTimestamp() : maxTimestamp, count());
    }

    private static void write(RawRecord record, long timestampDelta, ByteBuf target) {
        ByteBuf rest = record.rest();
        int bytes = 1 + Varints.sizeOf(timestampDelta) + Varints.sizeOf(record.offsetDelta()) + rest.readableBytes();
        Varints.writeInt(target, bytes);
        target.writeByte(record.attributes());
        Varints.writeLong(target, timestampDelta);
        Varints.writeInt(target, record.offsetDelta());
        target.writeBytes(rest, rest.readerIndex(), rest.readableBytes());
    }

    /** The batch without any record, in new memory: it still tells offsets, leader epoch and the producer's sequence. */
    public static ByteBuf none(RecordBatch batch) throws InvalidRecordException {
        int attributes = batch.attributes() & ~(RecordBatch.CODEC_MASK | RecordBatch.DELETE_HORIZON_BIT);
        ByteBuf target = new RetainedRecords(batch).header();
        return finished(target, attributes, RecordBatch.NO_TIMESTAMP, RecordBatch.NO_TIMESTAMP, 0);
    }

    private ByteBuf header() {
        ByteBuf target = Unpooled.buffer(Math.max(RecordBatch.HEADER_BYTES, batch.sizeInBytes()));
        return target.writeBytes(batch.bytes(), 0, RecordBatch.HEADER_BYTES);
    }

    private static ByteBuf finished(ByteBuf target, int attributes, long baseTimestamp, long maxTimestamp, int count)
            throws InvalidRecordException {
        target.setInt(RecordBatch.LENGTH_AT, target.readableBytes() - RecordBatch.LENGTH_OVERHEAD_BYTES);
        target.setShort(RecordBatch.ATTRIBUTES_AT, attributes);
        target.setLong(RecordBatch.BASE_TIMESTAMP_AT, baseTimestamp);
        target.setLong(RecordBatch.MAX_TIMESTAMP_AT, maxTimestamp);
        target.setInt(RecordBatch.RECORD_COUNT_AT, count);
        RecordBatch.at(target, 0).updateChecksum();
        return target;
    }
}
