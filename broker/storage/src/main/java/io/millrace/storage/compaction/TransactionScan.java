package io.millrace.storage.compaction;

import io.millrace.record.EndTransactionMarker;
import io.millrace.record.RecordBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the transactions of a range of a log that were aborted, and where the first one begins that is still open.
 *
 * <p>Not safe for threads. Batches come in the order of their offsets. Bounded: when it {@link #isFull}, the range ends there.
 */
public final class TransactionScan {

    /** Aborted transactions that are remembered at a time. */
    static final int ABORTED_MAX = 100_000;

    private final Map<Long, Long> open = new HashMap<>();
    private final List<AbortedTransaction> aborted = new ArrayList<>();

    public void onData(RecordBatch batch) {
        if (batch.isTransactional()) {
            open.putIfAbsent(batch.producerId(), batch.baseOffset());
        }
    }

    public void onMarker(RecordBatch batch, EndTransactionMarker marker) {
        Long first = open.remove(batch.producerId());
        if (first != null && !marker.committed()) {
            aborted.add(new AbortedTransaction(batch.producerId(), first, batch.baseOffset()));
        }
    }

    /** Whether nothing more may be scanned: the range ends behind the last marker. */
    public boolean isFull() {
        return aborted.size() >= ABORTED_MAX;
    }

    /** Below this offset the outcome of every transaction is known. */
    public long decidedBelow(long endOffset) {
        return open.values().stream().mapToLong(Long::longValue).reduce(endOffset, Math::min);
    }

    /** In the order of their markers. */
    public List<AbortedTransaction> aborted() {
        return List.copyOf(aborted);
    }
}
