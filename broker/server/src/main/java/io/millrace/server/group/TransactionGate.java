package io.millrace.server.group;

import io.millrace.protocol.ErrorCode;
import java.util.concurrent.CompletableFuture;

/** Lets offsets into a transaction, or does not (KIP-890). Thread-safe. */
@FunctionalInterface
public interface TransactionGate {
    /** Believes every producer that it is in a transaction which knows of the partition. */
    TransactionGate OPEN = (transaction, partition, apiVersion) -> CompletableFuture.completedFuture(ErrorCode.NONE);

    /** What a producer says of its transaction. */
    record Transaction(String transactionalId, long producerId, short producerEpoch) {}

    /**
     * Whether the transaction is under way and a partition of the offsets topic belongs to it. It is added where the version of the request says that producers do
     * not do that themselves.
     *
     * @param apiVersion of the TxnOffsetCommit
     */
    CompletableFuture<ErrorCode> verify(Transaction transaction, int partition, short apiVersion);
}
