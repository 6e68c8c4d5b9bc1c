package io.millrace.replication;

import java.util.concurrent.CompletableFuture;

/** The way to the controller for leaders that want their in-sync replicas changed. Thread-safe; never blocks. */
public interface InSyncReplicasChanger {
    /**
     * Asks once. The future completes with the controller's answer, or fails with any exception when the outcome is unknown: the
     * change may then have been made or may still be made.
     */
    CompletableFuture<InSyncReplicasChangeResult> change(InSyncReplicasChange change);
}
