package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.MetadataStore;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.InSyncReplicasChanger;
import io.millrace.replication.Loop;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * This broker's standing with the controller: it registers, sends heartbeats, asks for shutdown, and has the local controller take
 * over when the one in force refuses connections.
 *
 * <p>Thread-safe; the state belongs to the loop.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class BrokerLifecycle implements InSyncReplicasChanger, AutoCloseable {
    /** @param disownsLeadership whether this broker is named leader of partitions it refuses to lead: {@code Replicas::disownsLeadership} */
    public BrokerLifecycle(
            MetadataStore store,
            Controller localController,
            ControllerTransport transport,
            ControllerConfiguration configuration,
            Loop loop,
            BooleanSupplier disownsLeadership) {
        throw new UnsupportedOperationException("being written");
    }

    /** Registers and keeps showing that the broker lives. Completes when a controller has unfenced it for the first time. */
    public CompletableFuture<Void> start(BrokerRegistration wanted) {
        throw new UnsupportedOperationException("being written");
    }

    /** A hint that a broker may be dead: a connection to it broke. Only the controller in force matters here. */
    public void onConnectionLost(int brokerId) {
        throw new UnsupportedOperationException("being written");
    }

    @Override
    public CompletableFuture<InSyncReplicasChangeResult> change(InSyncReplicasChange change) {
        throw new UnsupportedOperationException("being written");
    }

    /** Asks to be relieved. Completes, always normally, when the broker may go or the time is up. */
    public CompletableFuture<Void> controlledShutdown(long timeoutMs) {
        throw new UnsupportedOperationException("being written");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("being written");
    }
}
