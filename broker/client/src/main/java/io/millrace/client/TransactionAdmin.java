package io.millrace.client;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Administration of the transactions of producers. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface TransactionAdmin {

    /** A transactional id as its coordinator lists it. */
    record Listing(String transactionalId, long producerId, String state, int coordinatorId) {}

    /**
     * What the coordinator of a transactional id knows.
     *
     * @param startMs when the transaction began; -1 where none is open
     */
    record Description(
            String transactionalId,
            int coordinatorId,
            String state,
            long producerId,
            short producerEpoch,
            long timeoutMs,
            long startMs,
            Set<TopicPartition> partitions) {

        /** Whether records of it may be waiting for its end. */
        public boolean isOpen() {
            return state.equals("Ongoing") || state.equals("PrepareCommit") || state.equals("PrepareAbort");
        }
    }

    /**
     * A producer that a partition remembers.
     *
     * @param transactionStart the first offset of the transaction that it has open there; -1 where it has none
     * @param coordinatorEpoch of the last marker; -1 where there was none
     */
    record ActiveProducer(
            TopicPartition partition,
            long producerId,
            int producerEpoch,
            int lastSequence,
            long lastTimestampMs,
            int coordinatorEpoch,
            long transactionStart) {}

    /**
     * Which transactional ids to list; what is empty or negative does not restrict.
     *
     * @param olderThanMs only transactions that have been open for longer
     * @param idPattern a regular expression for the whole id (KIP-1152)
     */
    record Filter(List<String> states, List<Long> producerIds, long olderThanMs, String idPattern) {
        public static final Filter ALL = new Filter(List.of(), List.of(), -1, "");
    }

    /** Fails where a coordinator does not answer, for the list would lack some. */
    CompletableFuture<List<Listing>> list(Filter filter);

    /** Fails with TRANSACTIONAL_ID_NOT_FOUND where there is no such id. */
    CompletableFuture<Description> describe(String transactionalId);

    /** What the leader of a partition remembers of its producers. */
    CompletableFuture<List<ActiveProducer>> producers(TopicPartition partition);

    /**
     * Writes a marker that ends a transaction as aborted in one partition. Right only where no coordinator knows the transaction any more, for
     * a coordinator that does would end it in all partitions.
     */
    CompletableFuture<Void> abort(ActiveProducer producer);

    /** Has the coordinator abort what a transactional id has open, and fences its producer. */
    CompletableFuture<Void> terminate(String transactionalId);
}
