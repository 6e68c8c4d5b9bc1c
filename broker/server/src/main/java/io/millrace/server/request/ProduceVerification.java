package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import java.util.concurrent.CompletableFuture;

/** Asks the coordinator of a transaction whether a producer may write to a partition within it (KIP-890). Thread-safe; never blocks. */
public interface ProduceVerification {

    /** What a producer says of its transaction. */
    record Claim(String transactionalId, long producerId, short producerEpoch) {}

    /**
     * Asks. The partition is added to the transaction where the version of the request says that producers do not do that themselves.
     *
     * @param apiVersion of the produce request
     * @return {@code NONE}, or what the producer is told
     */
    CompletableFuture<ErrorCode> verify(Claim claim, String topic, int partition, short apiVersion);
}
