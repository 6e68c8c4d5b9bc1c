package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.storage.LogTransactions;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Batches of transactions on their way into the log of one partition, each of which waits until the coordinator has said that its transaction is open.
 *
 * <p>Batches of one producer keep their order: while the coordinator is asked for one, those that come later wait behind it. Otherwise a later one might be
 * verified first, and be refused for its sequence although nothing is missing.
 *
 * <p>Decisions are made on the partition's loop; who waits is guarded by {@code this}. What waits is bounded by what connections may have under way.
 */
final class VerifiedAppends {
    private static final int VERIFICATIONS_MAX = 3;

    private final Partition partition;
    private final LogTransactions transactions;
    /** By the producer of the batch for which the coordinator is asked, what waits behind that. */
    private final Map<Long, Deque<VerifiedAppend>> waiting = new HashMap<>();

    VerifiedAppends(Partition partition, LogTransactions transactions) {
        this.partition = partition;
        this.transactions = transactions;
    }

    /** See {@link PartitionTransactions#append}. */
    CompletableFuture<AppendResult> append(ByteBuf batch, Acks acks, long timeoutMs, TransactionVerifier verifier) {
        try {
            RecordBatch header = RecordBatch.at(batch, batch.readerIndex());
            var append = new VerifiedAppend(batch, header, acks, timeoutMs, verifier);
            append.onLoop(append::begin);
            return append.answer;
        } catch (InvalidRecordException e) {
            batch.release();
            return CompletableFuture.completedFuture(
                    AppendResult.refused(ErrorCodes.of(e), String.valueOf(e.getMessage())));
        }
    }

    private synchronized boolean waits(VerifiedAppend append) {
        @Nullable Deque<VerifiedAppend> behind = waiting.get(append.producerId);
        return behind != null && behind.add(append);
    }

    private synchronized void onAsking(VerifiedAppend append) {
        waiting.putIfAbsent(append.producerId, new ArrayDeque<>());
    }

    private synchronized Deque<VerifiedAppend> takeWaitingBehind(VerifiedAppend append) {
        @Nullable Deque<VerifiedAppend> behind = waiting.remove(append.producerId);
        return behind == null ? new ArrayDeque<>() : behind;
    }

    private final class VerifiedAppend {
        private final ByteBuf batch;
        private final RecordBatch header; // as long as the batch is ours
        private final long producerId;
        private final short producerEpoch;
        private final Acks acks;
        private final long timeoutMs;
        private final TransactionVerifier verifier;
        private final CompletableFuture<AppendResult> answer = new CompletableFuture<>();
        private int verifications;

        VerifiedAppend(ByteBuf batch, RecordBatch header, Acks acks, long timeoutMs, TransactionVerifier verifier) {
            this.batch = batch;
            this.header = header;
            this.producerId = header.producerId();
            this.producerEpoch = header.producerEpoch();
            this.acks = acks;
            this.timeoutMs = timeoutMs;
            this.verifier = verifier;
        }

        void begin() {
            if (waits(this)) {
                return;
            }
            if (!partition.isLeader() || transactions.isOpenFor(header)) {
                append();
            } else {
                onAsking(this);
                ask();
            }
        }

        private void append() {
            partition.append(LogKind.DATA, batch, acks, timeoutMs).whenComplete((result, failure) -> {
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else {
                    answer.complete(result);
                }
            });
        }

        private void ask() {
            long markerBefore = transactions.lastMarkerOffset(producerId);
            verifications++;
            // Composed, so that a verifier that throws does not leave the others waiting either.
            CompletableFuture.completedFuture(header)
                    .thenCompose(asked -> verifier.verify())
                    .whenComplete((error, failure) -> onLoop(() -> onVerified(
                            failure == null ? error : ErrorCode.COORDINATOR_NOT_AVAILABLE,
                            transactions.lastMarkerOffset(producerId) != markerBefore)));
        }

        private void onVerified(ErrorCode error, boolean hasEndedOne) {
            if (error.isError()) {
                refuseWithThoseBehind(error, "the coordinator of the transaction says " + error);
            } else if (!hasEndedOne) {
                append();
                takeWaitingBehind(this).forEach(VerifiedAppend::begin);
            } else if (verifications < VERIFICATIONS_MAX) {
                ask();
            } else {
                refuseWithThoseBehind(
                        ErrorCode.INVALID_TXN_STATE,
                        "transactions of the producer ended here at each of " + verifications
                                + " times that its coordinator was asked");
            }
        }

        /** What is said of a transaction holds for all batches of its epoch; without this one they would be out of order in any case. */
        private void refuseWithThoseBehind(ErrorCode error, String message) {
            refuse(error, message);
            for (VerifiedAppend behind : takeWaitingBehind(this)) {
                if (behind.producerEpoch == producerEpoch) {
                    behind.refuse(error, message);
                } else {
                    behind.begin();
                }
            }
        }

        private void refuse(ErrorCode error, String message) {
            batch.release();
            answer.complete(AppendResult.refused(error, message));
        }

        private void onLoop(Runnable task) {
            try {
                partition.loop().runHereOrExecute(task);
            } catch (RejectedExecutionException overloadedOrClosed) {
                String message = String.valueOf(overloadedOrClosed.getMessage());
                refuse(ErrorCode.NOT_LEADER_OR_FOLLOWER, message);
                if (verifications > 0) {
                    takeWaitingBehind(this).forEach(behind -> behind.refuse(ErrorCode.NOT_LEADER_OR_FOLLOWER, message));
                }
            }
        }
    }
}
