package io.millrace.replication.controller;

import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import java.util.concurrent.CompletableFuture;

/**
 * The way to a controller on another broker. Thread-safe; never blocks.
 *
 * <p>A heartbeat's future fails with {@link NobodyListensException}, alone or as a cause, when the connection was refused: nothing
 * listens there. Any other failure says only that no answer came.
 */
public interface ControllerTransport {
    CompletableFuture<HeartbeatResult> heartbeat(int controllerId, BrokerHeartbeat heartbeat);

    CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(int controllerId, InSyncReplicasChange change);
}
