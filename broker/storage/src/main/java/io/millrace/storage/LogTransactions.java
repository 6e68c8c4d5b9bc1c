package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The transactions of one log: how far their outcomes are known, which were aborted, and which are open.
 *
 * <p>Offsets and aborted transactions may be asked by any thread; what concerns a single producer belongs to the owner of the log.
 */
public final class LogTransactions {
    /**
     * What a log remembers of a producer.
     *
     * @param lastSequence -1 where it wrote nothing under its epoch
     * @param lastTimestamp of its last batch, so that all replicas tell the same; where only a marker is known, when that was written; milliseconds since 1970
     * @param coordinatorEpoch of the last marker; -1 where there was none
     * @param transactionStart of the transaction that is open; -1 for none
     */
    public record ActiveProducer(
            long producerId,
            short producerEpoch,
            int lastSequence,
            long lastTimestamp,
            int coordinatorEpoch,
            long transactionStart) {}

    private final LogOffsets offsets;
    private final Supplier<ProducerStates> producers;

    LogTransactions(LogOffsets offsets, Supplier<ProducerStates> producers) {
        this.offsets = offsets;
        this.producers = producers;
    }

    /** Below this offset the outcome of every transaction is known and committed; at most the high watermark. Any thread. */
    public long lastStableOffset() {
        // Asked first: a marker that is committed meanwhile shows too little, never too much.
        long firstUnstable = producers.get().transactions().firstUnstableOffset();
        return Math.min(firstUnstable, offsets.highWatermark());
    }

    /** Aborted transactions of which records may lie in a range below the last stable offset, in the order of their markers. Any thread. */
    public List<AbortedTransaction> abortedIn(long fromOffset, long upperOffset) {
        return producers.get().transactions().abortedIn(fromOffset, upperOffset);
    }

    /** Whether a batch goes on with a transaction that its producer has begun in this log. Owner. */
    public boolean isOpenFor(RecordBatch batch) {
        return producers.get().isTransactionOpen(batch.producerId(), batch.producerEpoch());
    }

    /** Where the last transaction of a producer ended that this leader has seen end; -1 for none. Owner. */
    public long lastMarkerOffset(long producerId) {
        return producers.get().lastMarkerOffset(producerId);
    }

    /**
     * Whether a marker must not be written although its epoch is no older than that of the producer: where each transaction has an epoch of its own (KIP-890),
     * a marker of the present epoch ends nothing that is open, for it is one that was written already and comes again. Owner.
     */
    public Optional<AppendOutcome> refuseMarkerOfSameEpoch(ByteBuf marker) throws InvalidRecordException {
        return producers.get().refuseMarkerOfSameEpoch(RecordBatch.at(marker, marker.readerIndex()));
    }

    /** Of all producers that the log remembers. Owner. */
    public List<ActiveProducer> producers() {
        return producers.get().describe();
    }
}
