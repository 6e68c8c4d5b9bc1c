package io.millrace.server.transaction;

import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.server.coordinator.CoordinatorTopic;
import io.millrace.server.group.TransactionGate;
import io.millrace.server.request.ProduceVerification.Claim;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the coordinator of a transaction before offsets become part of it. Thread-safe.
 *
 * <p>What the producer can only try again later is COORDINATOR_LOAD_IN_PROGRESS: it need not look for the group's coordinator anew.
 */
record OffsetsGate(TransactionVerification verification, CoordinatorTopic offsetsTopic) implements TransactionGate {
    private static final short FIRST_THAT_ADDS = 5;
    private static final short FIRST_WITH_ABORTABLE = 4;

    @Override
    public CompletableFuture<ErrorCode> verify(Transaction transaction, int partition, short apiVersion) {
        var claim = new Claim(transaction.transactionalId(), transaction.producerId(), transaction.producerEpoch());
        var offsets = new TransactionPartition(offsetsTopic.name(), partition);
        return verification
                .ask(claim, offsets, apiVersion >= FIRST_THAT_ADDS)
                .thenApply(error -> forProducer(error, apiVersion));
    }

    private static ErrorCode forProducer(ErrorCode error, short apiVersion) {
        return switch (error) {
            case CONCURRENT_TRANSACTIONS,
                    COORDINATOR_NOT_AVAILABLE,
                    NOT_COORDINATOR,
                    UNKNOWN_TOPIC_OR_PARTITION,
                    OPERATION_NOT_ATTEMPTED -> ErrorCode.COORDINATOR_LOAD_IN_PROGRESS;
            case PRODUCER_FENCED -> ErrorCode.INVALID_PRODUCER_EPOCH;
            default -> FencedError.withoutAbortable(error, apiVersion, FIRST_WITH_ABORTABLE);
        };
    }
}
