package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.storage.AppendOutcome;
import io.millrace.storage.LogTransactions;
import io.millrace.storage.LogTransactions.ActiveProducer;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * The transactions in the data log of one partition: batches that belong to one, the markers that end them, and what is known of them.
 *
 * <p>Thread-safe; what changes the log runs on the partition's loop, which also completes all futures.
 */
public final class PartitionTransactions {
    private final Partition partition;
    private final LogTransactions transactions;
    private final VerifiedAppends verified;

    PartitionTransactions(Partition partition, LogTransactions transactions) {
        this.partition = partition;
        this.transactions = transactions;
        this.verified = new VerifiedAppends(partition, transactions);
    }

    /** Below it, all that is in transactions is decided. */
    public long lastStableOffset() {
        return transactions.lastStableOffset();
    }

    /** Aborted transactions of which records may lie in a range, for a reader that skips them. */
    public List<AbortedTransaction> abortedIn(long fromOffset, long upperOffset) {
        return transactions.abortedIn(fromOffset, upperOffset);
    }

    /**
     * Appends a batch of a transaction, as {@link Partition#append} does. Where the transaction is not known in this log yet, the coordinator is asked first, and
     * asked again where a transaction of the producer ends here meanwhile: it may have been the one before, or this one. Batches of one producer keep their order.
     *
     * @param batch one whole batch with a producer id; ownership passes
     */
    public CompletableFuture<AppendResult> append(
            ByteBuf batch, Acks acks, long timeoutMs, TransactionVerifier verifier) {
        return verified.append(batch, acks, timeoutMs, verifier);
    }

    /**
     * Appends a marker, and answers when it is committed.
     *
     * @param marker ownership passes
     * @param hasOwnEpoch whether each transaction of the producer has an epoch of its own, so that a marker under the epoch of an open one is a former one that
     *     comes again: INVALID_PRODUCER_EPOCH
     */
    public CompletableFuture<AppendResult> appendMarker(ByteBuf marker, boolean hasOwnEpoch, long timeoutMs) {
        var answer = new CompletableFuture<AppendResult>();
        try {
            partition.loop().runHereOrExecute(() -> appendMarker(marker, hasOwnEpoch, timeoutMs, answer));
        } catch (RejectedExecutionException overloadedOrClosed) {
            refuse(
                    marker,
                    answer,
                    AppendResult.refused(
                            ErrorCode.NOT_LEADER_OR_FOLLOWER, String.valueOf(overloadedOrClosed.getMessage())));
        }
        return answer;
    }

    private void appendMarker(
            ByteBuf marker, boolean hasOwnEpoch, long timeoutMs, CompletableFuture<AppendResult> answer) {
        Optional<AppendOutcome> refused = Optional.empty();
        try {
            refused = hasOwnEpoch ? transactions.refuseMarkerOfSameEpoch(marker) : refused;
        } catch (InvalidRecordException e) {
            refuse(marker, answer, AppendResult.refused(ErrorCodes.of(e), String.valueOf(e.getMessage())));
            return;
        }
        if (refused.isPresent() && partition.isLeader()) {
            refuse(marker, answer, AppendResult.of(refused.get(), -1));
            return;
        }
        partition.append(LogKind.DATA, marker, Acks.ALL, timeoutMs).whenComplete((result, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                answer.complete(result);
            }
        });
    }

    private static void refuse(ByteBuf marker, CompletableFuture<AppendResult> answer, AppendResult why) {
        marker.release();
        answer.complete(why);
    }

    /** The producers that the log remembers, a follower's as well as the leader's; empty where the partition is closing. */
    public CompletableFuture<Optional<List<ActiveProducer>>> producers() {
        var answer = new CompletableFuture<Optional<List<ActiveProducer>>>();
        try {
            partition.loop().runOrExecute(() -> answer.complete(Optional.of(transactions.producers())));
        } catch (RejectedExecutionException overloadedOrClosed) {
            answer.complete(Optional.empty());
        }
        return answer;
    }
}
