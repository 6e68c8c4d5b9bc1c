package io.millrace.replication;

import java.util.concurrent.CompletableFuture;

/** The way to the leaders that this broker follows. Thread-safe; never blocks. */
public interface ReplicaTransport {
    /**
     * Fetches once. The leader holds the request back until there is something to tell or {@link ReplicaFetch#maxWaitMs} has passed.
     *
     * @return fails with any exception when the leader was not reached or did not answer; the caller owns the result's buffers
     */
    CompletableFuture<ReplicaFetchResult> fetch(int leaderId, ReplicaFetch fetch);
}
