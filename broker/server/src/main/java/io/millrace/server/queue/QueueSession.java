package io.millrace.server.queue;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** What consumers of queues do over one connection. Thread-safe; as large as the requests under way and the queues used. */
final class QueueSession {
    private final long connectionId;
    private final Set<PendingAcquire> pending = ConcurrentHashMap.newKeySet();
    private final Set<QueueDispatcher> dispatchers = ConcurrentHashMap.newKeySet();

    QueueSession(long connectionId) {
        this.connectionId = connectionId;
    }

    long connectionId() {
        return connectionId;
    }

    /** Answers leave in order, so what waits must not hold up the request that comes after it. */
    void endWaits() {
        pending.forEach(PendingAcquire::end);
    }

    void onAcquire(PendingAcquire acquire) {
        pending.add(acquire);
        acquire.acquired().whenComplete((acquired, failure) -> pending.remove(acquire));
    }

    void uses(QueueDispatcher dispatcher) {
        dispatchers.add(dispatcher);
    }

    Stream<QueueDispatcher> dispatchers() {
        return dispatchers.stream();
    }

    /** The connection is gone: what it brought goes to others. */
    void close() {
        endWaits();
        dispatchers.forEach(dispatcher -> release(dispatcher));
        dispatchers.clear();
    }

    private CompletableFuture<Void> release(QueueDispatcher dispatcher) {
        return dispatcher.onConnectionClosed(connectionId);
    }

    void forget(QueueDispatcher resigned) {
        dispatchers.remove(resigned);
    }
}
