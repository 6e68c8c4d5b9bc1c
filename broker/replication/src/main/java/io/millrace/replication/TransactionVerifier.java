package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import java.util.concurrent.CompletableFuture;

/** Asks the coordinator whether a producer may begin to write to a partition within its transaction (KIP-890). */
@FunctionalInterface
public interface TransactionVerifier {

    /** {@code NONE} where the partition belongs to the ongoing transaction; otherwise what the producer is told. Answers in bounded time in any case. */
    CompletableFuture<ErrorCode> verify();
}
