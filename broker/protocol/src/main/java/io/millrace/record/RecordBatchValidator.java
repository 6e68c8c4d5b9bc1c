package io.millrace.record;

import io.millrace.record.InvalidRecordException.Reason;
import io.netty.buffer.ByteBuf;

/**
 * What a broker demands of a batch that a producer sends to one partition. Immutable.
 *
 * @param batchBytesMax limit of one batch as it comes over the wire
 * @param decompressedBytesMax limit of its records unpacked, where they are unpacked
 * @param keyRequired whether records without a key are refused, as compacted topics must; looks at every record
 */
public record RecordBatchValidator(
        int batchBytesMax, int decompressedBytesMax, RecordValidation validation, boolean keyRequired) {

    /**
     * The one batch of a produce request's partition, checked.
     *
     * @throws InvalidRecordException with the reason that the producer is told
     */
    public RecordBatch validate(ByteBuf records) throws InvalidRecordException {
        if (records.readableBytes() > batchBytesMax) {
            throw new InvalidRecordException(
                    Reason.TOO_LARGE,
                    "A record batch has " + records.readableBytes() + " bytes; the limit is " + batchBytesMax);
        }
        RecordBatch batch = RecordBatch.at(records, records.readerIndex());
        if (batch.sizeInBytes() != records.readableBytes()) {
            throw new InvalidRecordException(
                    Reason.INVALID, "A produce request holds more than one record batch for a partition");
        }
        if (!batch.hasValidChecksum()) {
            throw new InvalidRecordException(Reason.CORRUPT, "The checksum of a record batch does not match its bytes");
        }
        checkHeader(batch);
        checkRecords(batch);
        return batch;
    }

    private static void checkHeader(RecordBatch batch) throws InvalidRecordException {
        check(batch.baseOffset() == 0, "A producer's batch begins at offset " + batch.baseOffset() + " instead of 0");
        check(batch.recordCount() > 0, "A record batch holds " + batch.recordCount() + " records");
        check(
                (long) batch.lastOffsetDelta() + 1 == batch.recordCount(),
                "A record batch holds " + batch.recordCount() + " records and spans "
                        + ((long) batch.lastOffsetDelta() + 1) + " offsets");
        check(!batch.isControl(), "A client may not send a control batch");
        check(
                batch.timestampType() == TimestampType.CREATE_TIME,
                "A client may not send a batch stamped with log append time");
        check(!batch.hasDeleteHorizon(), "A client may not say until when the tombstones of a batch stay");
        check(
                !batch.hasProducerId() || (batch.baseSequence() >= 0 && batch.producerEpoch() >= 0),
                "A batch of producer " + batch.producerId() + " has epoch " + batch.producerEpoch()
                        + " and base sequence " + batch.baseSequence() + "; neither may be negative");
        check(!batch.isTransactional() || batch.hasProducerId(), "A transactional batch names no producer id");
        batch.compression();
    }

    private void checkRecords(RecordBatch batch) throws InvalidRecordException {
        boolean walk =
                switch (validation) {
                    case HEADER -> keyRequired;
                    case UNCOMPRESSED -> keyRequired || !batch.isCompressed();
                    case FULL -> true;
                };
        if (walk) {
            batch.records(decompressedBytesMax).verifyRest(keyRequired);
        }
    }

    private static void check(boolean holds, String message) throws InvalidRecordException {
        if (!holds) {
            throw new InvalidRecordException(Reason.INVALID, message);
        }
    }
}
