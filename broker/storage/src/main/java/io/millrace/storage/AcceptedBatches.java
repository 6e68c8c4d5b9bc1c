package io.millrace.storage;

import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.InvalidRecordException.Reason;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Batches that may go to the end of a log, with the bytes that they are. Lives as long as its buffer. */
record AcceptedBatches(ByteBuf bytes, List<RecordBatch> list) {

    RecordBatch first() {
        return list.get(0);
    }

    RecordBatch last() {
        return list.get(list.size() - 1);
    }

    /** What a leader appends: whole batches that span offsets; those of idempotent producers alone. */
    static AcceptedBatches ofProducer(ByteBuf bytes) throws InvalidRecordException {
        List<RecordBatch> batches = RecordBatches.listOf(bytes);
        if (batches.isEmpty()) {
            throw new InvalidRecordException(Reason.INVALID, "There is no record batch to append");
        }
        for (RecordBatch batch : batches) {
            if (batch.lastOffsetDelta() < 0) {
                throw new InvalidRecordException(Reason.INVALID, batch + " ends before it begins");
            }
            checkMarker(batch);
            if (batch.hasProducerId() && batches.size() > 1) {
                throw new InvalidRecordException(
                        Reason.INVALID, "A batch of producer " + batch.producerId() + " must be appended alone");
            }
        }
        return new AcceptedBatches(bytes, batches);
    }

    /** What says how a transaction ended must be understood by everybody who reads the log. */
    private static void checkMarker(RecordBatch batch) throws InvalidRecordException {
        if (batch.isControl() && batch.hasProducerId()) {
            EndTransactionMarker.of(batch);
        }
    }

    void assignOffsets(long baseOffset, int leaderEpoch) {
        long nextOffset = baseOffset;
        for (RecordBatch batch : list) {
            batch.assignOffset(nextOffset, leaderEpoch);
            nextOffset = batch.nextOffset();
        }
    }

    /** The least first offset that an empty log takes: it may begin within a batch, of which its leader has deleted the first records. */
    static long firstOffsetInto(long logEndOffset, ByteBuf bytes) throws InvalidRecordException {
        if (!bytes.isReadable()) {
            return logEndOffset;
        }
        RecordBatch first = RecordBatch.at(bytes, bytes.readerIndex());
        return first.lastOffset() >= logEndOffset ? Math.min(first.baseOffset(), logEndOffset) : logEndOffset;
    }

    /**
     * What a follower appends of what its leader sent: checked one by one, up to the first batch of a later epoch.
     *
     * @param endOffset where the batches must go on, or above
     * @param lowestEpoch the greatest epoch in the log
     * @param leaderEpoch the epoch of the leader that sent them
     */
    static AcceptedBatches ofLeader(ByteBuf bytes, long endOffset, int lowestEpoch, int leaderEpoch)
            throws InvalidRecordException {
        List<RecordBatch> accepted = new ArrayList<>();
        int size = 0;
        long expectedOffset = endOffset;
        int epoch = lowestEpoch;
        RecordBatches walk = RecordBatches.in(bytes);
        while (walk.hasNext()) {
            RecordBatch batch = walk.next();
            if (batch.leaderEpoch() > leaderEpoch) {
                break;
            }
            check(batch, expectedOffset, epoch);
            accepted.add(batch);
            size += batch.sizeInBytes();
            expectedOffset = batch.nextOffset();
            epoch = batch.leaderEpoch();
        }
        return new AcceptedBatches(bytes.slice(bytes.readerIndex(), size), accepted);
    }

    private static void check(RecordBatch batch, long expectedOffset, int lowestEpoch) throws InvalidRecordException {
        if (!batch.hasValidChecksum()) {
            throw new InvalidRecordException(Reason.CORRUPT, "The checksum of " + batch + " does not match its bytes");
        }
        if (batch.baseOffset() < expectedOffset || batch.lastOffsetDelta() < 0) {
            throw new InvalidRecordException(
                    Reason.INVALID, batch + " does not go on at offset " + expectedOffset + ", where the log ends");
        }
        checkMarker(batch);
        if (batch.leaderEpoch() < lowestEpoch) {
            throw new InvalidRecordException(
                    Reason.INVALID, batch + " comes after a batch of the later leader epoch " + lowestEpoch);
        }
    }
}
