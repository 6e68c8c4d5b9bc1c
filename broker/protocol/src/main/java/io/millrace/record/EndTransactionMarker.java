package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * The one record of a control batch: how a transaction of a producer ended in this partition (KIP-98).
 *
 * <pre>
 * key:   version 2 (0) | type 2 (0 abort, 1 commit)
 * value: version 2 (0) | coordinator epoch 4
 * </pre>
 */
public record EndTransactionMarker(boolean committed, int coordinatorEpoch) {

    private static final short VERSION = 0;
    private static final short TYPE_ABORT = 0;
    private static final short TYPE_COMMIT = 1;
    private static final int KEY_BYTES = 4;
    private static final int VALUE_BYTES = 6;
    private static final int BATCH_BYTES_MAX = 128;

    /** The control batch that carries this marker. The caller releases it. */
    public ByteBuf toBatch(ByteBufAllocator allocator, long timestamp, long producerId, short producerEpoch) {
        ByteBuf key = Unpooled.buffer(KEY_BYTES).writeShort(VERSION).writeShort(committed ? TYPE_COMMIT : TYPE_ABORT);
        ByteBuf value = Unpooled.buffer(VALUE_BYTES).writeShort(VERSION).writeInt(coordinatorEpoch);
        try (RecordBatchBuilder builder = new RecordBatchBuilder(allocator, Compression.NONE, BATCH_BYTES_MAX)) {
            builder.tryAppend(timestamp, key, value, List.of());
            int flags = RecordBatch.TRANSACTIONAL_BIT | RecordBatch.CONTROL_BIT;
            return builder.build(producerId, producerEpoch, RecordBatch.NO_SEQUENCE, flags);
        }
    }

    /**
     * The marker in a control batch.
     *
     * @throws InvalidRecordException when the batch does not hold exactly one marker
     */
    public static EndTransactionMarker of(RecordBatch batch) throws InvalidRecordException {
        RecordIterator records = batch.records(batch.sizeInBytes());
        if (!batch.isControl() || records.remaining() != 1) {
            throw new InvalidRecordException(Reason.INVALID, batch + " is not a transaction marker");
        }
        Record marker = records.next();
        ByteBuf key = marker.key();
        ByteBuf value = marker.value();
        if (key == null || key.readableBytes() < KEY_BYTES || value == null || value.readableBytes() < VALUE_BYTES) {
            throw new InvalidRecordException(
                    Reason.INVALID, "A transaction marker needs 4 bytes of key and 6 of value");
        }
        short type = key.getShort(key.readerIndex() + Short.BYTES);
        if (type != TYPE_ABORT && type != TYPE_COMMIT) {
            throw new InvalidRecordException(Reason.INVALID, "A transaction marker has the type " + type);
        }
        return new EndTransactionMarker(type == TYPE_COMMIT, value.getInt(value.readerIndex() + Short.BYTES));
    }
}
