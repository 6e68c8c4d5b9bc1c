package io.millrace.storage.compaction;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.InvalidRecordException.Reason;
import io.millrace.record.RecordBatch;
import io.millrace.record.RetainedRecords;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.Optional;

/**
 * What one cleaning leaves of each batch of a log.
 *
 * <p>Not safe for threads; for one pass over a log in the order of its offsets. Decides and makes bytes, touches no disk.
 *
 * <pre>
 * record with a key:  newest of its key? --no--> goes
 *                       +--yes, with a value--> stays
 *                       +--yes, without--> stays until the delete horizon of its batch, which the first cleaning sets
 * record without key: goes
 * marker:             data of its transaction left? --yes--> stays; no: until the delete horizon
 * batch with nothing left: goes, unless it tells the last sequence of a producer or must hold the place: then empty
 * </pre>
 */
public final class BatchFilter {

    /** No horizon is in the part of the log that was passed. */
    public static final long NO_HORIZON = Long.MAX_VALUE;

    private static final int UNPACKED_BYTES_MAX = 128 * 1024 * 1024;

    private final OffsetMap newest;
    private final long upperOffset;
    private final Map<Long, ProducerEnd> producers;
    private final TransactionFilter transactions;
    private final long nowMs;
    private final long deleteRetentionMs;

    private long recordsBefore;
    private long recordsAfter;
    private long earliestHorizonMs = NO_HORIZON;

    /**
     * A filter for one pass.
     *
     * @param newest the newest offset of each key that has a record in the part never compacted
     * @param upperOffset batches from here on stay as they are
     * @param producers by their ids
     */
    public BatchFilter(
            OffsetMap newest,
            long upperOffset,
            Map<Long, ProducerEnd> producers,
            TransactionFilter transactions,
            long nowMs,
            long deleteRetentionMs) {
        this.newest = newest;
        this.upperOffset = upperOffset;
        this.producers = producers;
        this.transactions = transactions;
        this.nowMs = nowMs;
        this.deleteRetentionMs = deleteRetentionMs;
    }

    /**
     * What stays of a batch: its own bytes, or new ones on the heap; empty when nothing does.
     *
     * @param holdsPlace whether the batch must stay, if only without records
     * @throws InvalidRecordException when the checksum is wrong: it must not be replaced by a right one
     */
    public Optional<ByteBuf> filter(RecordBatch batch, boolean holdsPlace) throws InvalidRecordException {
        if (!batch.hasValidChecksum()) {
            throw new InvalidRecordException(Reason.CORRUPT, "The checksum of " + batch + " does not match its bytes");
        }
        recordsBefore += batch.recordCount();
        Optional<ByteBuf> left = batch.baseOffset() >= upperOffset
                ? Optional.of(batch.bytes())
                : below(batch, holdsPlace || isLastOfProducer(batch));
        if (left.isPresent()) {
            recordsAfter += RecordBatch.at(left.get(), 0).recordCount();
        }
        return left;
    }

    private boolean isLastOfProducer(RecordBatch batch) {
        ProducerEnd end = batch.hasProducerId() ? producers.get(batch.producerId()) : null;
        return end != null && end.isIn(batch);
    }

    private Optional<ByteBuf> below(RecordBatch batch, boolean mustStay) throws InvalidRecordException {
        return batch.isControl() ? marker(batch, mustStay) : data(batch, mustStay);
    }

    private Optional<ByteBuf> marker(RecordBatch batch, boolean mustStay) throws InvalidRecordException {
        boolean hasNothingToSay = transactions.isWithoutData(batch);
        if (!hasNothingToSay) {
            return Optional.of(batch.bytes());
        }
        if (!batch.hasDeleteHorizon()) {
            return Optional.of(
                    withHorizon(RetainedRecords.of(batch, UNPACKED_BYTES_MAX, (offset, key, value) -> true)));
        }
        if (nowMs < batch.baseTimestamp()) {
            noteHorizon(batch.baseTimestamp());
            return Optional.of(batch.bytes());
        }
        return mustStay ? Optional.of(batch.bytes()) : Optional.empty();
    }

    private Optional<ByteBuf> data(RecordBatch batch, boolean mustStay) throws InvalidRecordException {
        boolean isAborted = transactions.isAborted(batch);
        RetainedRecords retained;
        try {
            retained = isAborted
                    ? RetainedRecords.of(batch, UNPACKED_BYTES_MAX, (offset, key, hasValue) -> false)
                    : RetainedRecords.of(batch, UNPACKED_BYTES_MAX, rule(batch));
        } catch (InvalidRecordException unreadable) {
            // Only its producer's checksum vouches for this batch; whoever can read it shall find it.
            return Optional.of(batch.bytes());
        }
        if (retained.count() == 0) {
            return mustStay ? Optional.of(emptied(batch)) : Optional.empty();
        }
        if (retained.hasTombstone() && !batch.hasDeleteHorizon()) {
            return Optional.of(withHorizon(retained));
        }
        if (retained.hasTombstone()) {
            noteHorizon(batch.baseTimestamp());
        }
        return Optional.of(retained.isWhole() ? batch.bytes() : retained.toBatch(RetainedRecords.NO_NEW_HORIZON));
    }

    private RetainedRecords.Rule rule(RecordBatch batch) {
        boolean tombstonesStay = !batch.hasDeleteHorizon() || nowMs < batch.baseTimestamp();
        return (offset, key, hasValue) -> key != null && offset >= newest.offsetOf(key) && (hasValue || tombstonesStay);
    }

    private static ByteBuf emptied(RecordBatch batch) throws InvalidRecordException {
        return batch.recordCount() == 0 ? batch.bytes() : RetainedRecords.none(batch);
    }

    private ByteBuf withHorizon(RetainedRecords retained) throws InvalidRecordException {
        long horizonMs = nowMs > Long.MAX_VALUE - deleteRetentionMs ? Long.MAX_VALUE : nowMs + deleteRetentionMs;
        noteHorizon(horizonMs);
        return retained.toBatch(horizonMs);
    }

    private void noteHorizon(long horizonMs) {
        earliestHorizonMs = Math.min(earliestHorizonMs, horizonMs);
    }

    /** When the first tombstone or marker of what stayed may go; {@link #NO_HORIZON} when there is none. */
    public long earliestHorizonMs() {
        return earliestHorizonMs;
    }

    public long recordsBefore() {
        return recordsBefore;
    }

    public long recordsAfter() {
        return recordsAfter;
    }
}
