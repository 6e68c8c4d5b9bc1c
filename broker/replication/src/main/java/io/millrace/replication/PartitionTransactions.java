package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.storage.AppendOutcome;
import io.millrace.storage.LogTransactions;
import io.millrace.storage.LogTransactions.ActiveProducer;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The transactions in the data log of one partition: batches that belong to one, the markers that end them, and what is known of them.
 *
 * <p>Thread-safe; what changes the log runs on the partition's loop, which also completes all futures.
 */
public final class PartitionTransactions {
    private static final int VERIFICATIONS_MAX = 3;

    private final Partition partition;
    private final LogTransactions transactions;

    PartitionTransactions(Partition partition, LogTransactions transactions) {
        this.partition = partition;
        this.transactions = transactions;
    }

    /** Aborted transactions of which records may lie in a range, for a reader that skips them. */
    public List<AbortedTransaction> abortedIn(long fromOffset, long upperOffset) {
        return transactions.abortedIn(fromOffset, upperOffset);
    }

    /**
     * Appends a batch of a transaction, as {@link Partition#append} does. Where the transaction is not known in this log yet, the coordinator is asked first, and
     * asked again where a transaction of the producer ends here meanwhile: it may have been the one before, or this one.
     *
     * @param batch one whole batch with a producer id; ownership passes
     */
    public CompletableFuture<AppendResult> append(
            ByteBuf batch, Acks acks, long timeoutMs, TransactionVerifier verifier) {
        var append = new VerifiedAppend(batch, acks, timeoutMs, verifier);
        onLoop(batch, append.answer, append::run);
        return append.answer;
    }

    /** On its way into the log, on the partition's loop. */
    private final class VerifiedAppend {
        private final ByteBuf batch;
        private final Acks acks;
        private final long timeoutMs;
        private final TransactionVerifier verifier;
        private final CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        private int verifications;

        VerifiedAppend(ByteBuf batch, Acks acks, long timeoutMs, TransactionVerifier verifier) {
            this.batch = batch;
            this.acks = acks;
            this.timeoutMs = timeoutMs;
            this.verifier = verifier;
        }

        void run() {
            RecordBatch header = headerOf(batch, answer);
            if (header == null) {
                return;
            }
            if (!partition.isLeader() || transactions.isOpenFor(header)) {
                appendTo(answer, batch, acks, timeoutMs);
                return;
            }
            long markerBefore = transactions.lastMarkerOffset(header.producerId());
            verifications++;
            verifier.verify()
                    .whenComplete((error, failure) -> onLoop(
                            batch,
                            answer,
                            () -> onVerified(
                                    failure == null ? error : ErrorCode.COORDINATOR_NOT_AVAILABLE,
                                    transactions.lastMarkerOffset(header.producerId()) != markerBefore)));
        }

        private void onVerified(ErrorCode error, boolean hasEndedOne) {
            if (error.isError()) {
                refuse(batch, answer, error, "the coordinator of the transaction says " + error);
            } else if (!hasEndedOne) {
                appendTo(answer, batch, acks, timeoutMs);
            } else if (verifications < VERIFICATIONS_MAX) {
                run();
            } else {
                refuse(
                        batch,
                        answer,
                        ErrorCode.INVALID_TXN_STATE,
                        "transactions of the producer ended here at each of " + verifications
                                + " times that its coordinator was asked");
            }
        }
    }

    private void appendTo(CompletableFuture<AppendResult> answer, ByteBuf batch, Acks acks, long timeoutMs) {
        partition.append(LogKind.DATA, batch, acks, timeoutMs).whenComplete((result, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                answer.complete(result);
            }
        });
    }

    private static @Nullable RecordBatch headerOf(ByteBuf batch, CompletableFuture<AppendResult> answer) {
        try {
            return RecordBatch.at(batch, batch.readerIndex());
        } catch (InvalidRecordException e) {
            refuse(batch, answer, ErrorCodes.of(e), String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static void refuse(ByteBuf batch, CompletableFuture<AppendResult> answer, ErrorCode error, String message) {
        batch.release();
        answer.complete(AppendResult.refused(error, message));
    }

    private void onLoop(ByteBuf owned, CompletableFuture<AppendResult> answer, Runnable task) {
        try {
            partition.loop().runHereOrExecute(task);
        } catch (RejectedExecutionException overloadedOrClosed) {
            refuse(owned, answer, ErrorCode.NOT_LEADER_OR_FOLLOWER, String.valueOf(overloadedOrClosed.getMessage()));
        }
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
        onLoop(marker, answer, () -> {
            Optional<AppendOutcome> refused = Optional.empty();
            try {
                refused = hasOwnEpoch ? transactions.refuseMarkerOfSameEpoch(marker) : refused;
            } catch (InvalidRecordException e) {
                refuse(marker, answer, ErrorCodes.of(e), String.valueOf(e.getMessage()));
                return;
            }
            if (refused.isPresent() && partition.isLeader()) {
                marker.release();
                answer.complete(AppendResult.of(refused.get(), -1));
            } else {
                appendTo(answer, marker, Acks.ALL, timeoutMs);
            }
        });
        return answer;
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
