package io.millrace.client;

import io.millrace.protocol.message.FetchResponse.AbortedTransaction;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tells which batches of one fetch belong to aborted transactions (KIP-98). A producer's batches do from the first offset of its transaction
 * on, until its marker comes.
 *
 * <p>Owned by who reads the batches, in their order.
 */
final class AbortedTransactions {
    private final Deque<AbortedTransaction> ahead;
    private final Set<Long> producersWithin = new HashSet<>();

    AbortedTransactions(List<AbortedTransaction> aborted) {
        ahead = new ArrayDeque<>(aborted.stream()
                .sorted(Comparator.comparingLong(AbortedTransaction::firstOffset))
                .toList());
    }

    /** Whether the next batch is to be left out. */
    boolean isPartOfOne(RecordBatch batch) throws InvalidRecordException {
        while (!ahead.isEmpty() && ahead.peekFirst().firstOffset() <= batch.lastOffset()) {
            producersWithin.add(ahead.removeFirst().producerId());
        }
        if (!batch.isTransactional() || !producersWithin.contains(batch.producerId())) {
            return false;
        }
        if (batch.isControl() && !EndTransactionMarker.of(batch).committed()) {
            producersWithin.remove(batch.producerId());
        }
        return true;
    }
}
