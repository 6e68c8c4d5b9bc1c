package io.millrace.replication.controller;

import io.millrace.metadata.MetadataStore;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.Loop;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The controller of this broker, in office or standing by. Standing by it answers {@code NOT_CONTROLLER} to everything.
 *
 * <p>Thread-safe; the state belongs to the loop.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Controller implements AutoCloseable {
    public Controller(int brokerId, MetadataStore store, ControllerConfiguration configuration, Loop loop) {
        throw new UnsupportedOperationException("being written");
    }

    /** Begins to follow the cluster and stands for election whenever the office is vacant. */
    public void start() {
        throw new UnsupportedOperationException("being written");
    }

    /** Whether this broker holds the office, as far as it knows. */
    public boolean isActive() {
        throw new UnsupportedOperationException("being written");
    }

    public CompletableFuture<HeartbeatResult> heartbeat(BrokerHeartbeat heartbeat) {
        throw new UnsupportedOperationException("being written");
    }

    /** A hint that a broker may be dead: the connection that carried its heartbeats broke. */
    public void onConnectionLost(int brokerId) {
        throw new UnsupportedOperationException("being written");
    }

    public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(InSyncReplicasChange change) {
        throw new UnsupportedOperationException("being written");
    }

    public CompletableFuture<TopicResult> createTopic(NewTopic topic) {
        throw new UnsupportedOperationException("being written");
    }

    public CompletableFuture<TopicResult> deleteTopic(String name) {
        throw new UnsupportedOperationException("being written");
    }

    /** Replaces the topic's whole configuration; the caller has validated it. */
    public CompletableFuture<TopicResult> changeConfiguration(String name, Map<String, String> configuration) {
        throw new UnsupportedOperationException("being written");
    }

    /** Resigns if in office. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("being written");
    }
}
