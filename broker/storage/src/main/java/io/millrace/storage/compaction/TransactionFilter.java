package io.millrace.storage.compaction;

import io.millrace.record.RecordBatch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which batches of transactions compaction takes away, and when a marker has nothing left to say.
 *
 * <p>Not safe for threads; for one pass over a log in the order of its offsets. Records of aborted transactions go at once.
 * A marker goes only when a whole pass has found no batch of its transaction any more; when it does, it is kept once more
 * until its delete horizon, so that a reader that is on its way learns the outcome.
 */
public final class TransactionFilter {

    private final Map<Long, Deque<AbortedTransaction>> aborted = new HashMap<>();
    /** Producers of which data was seen since their last marker. */
    private final Set<Long> withData = new HashSet<>();

    /** @param aborted in the order of their markers */
    public TransactionFilter(List<AbortedTransaction> aborted) {
        for (AbortedTransaction transaction : aborted) {
            this.aborted
                    .computeIfAbsent(transaction.producerId(), id -> new ArrayDeque<>())
                    .add(transaction);
        }
    }

    /** Whether a batch of data is of an aborted transaction, so that none of its records counts. */
    public boolean isAborted(RecordBatch batch) {
        if (!batch.isTransactional()) {
            return false;
        }
        withData.add(batch.producerId());
        Deque<AbortedTransaction> ofProducer = aborted.get(batch.producerId());
        if (ofProducer == null) {
            return false;
        }
        while (!ofProducer.isEmpty() && ofProducer.getFirst().markerOffset() < batch.baseOffset()) {
            ofProducer.removeFirst();
        }
        return !ofProducer.isEmpty() && ofProducer.getFirst().firstOffset() <= batch.baseOffset();
    }

    /** Whether nothing is left of the transaction that a marker ends. */
    public boolean isWithoutData(RecordBatch marker) {
        return !withData.remove(marker.producerId());
    }
}
