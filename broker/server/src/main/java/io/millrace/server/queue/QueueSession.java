package io.millrace.server.queue;

import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.selector.MessageSelector;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What consumers of queues do over one connection. Thread-safe; as large as the requests under way and the queues used. */
final class QueueSession {
    private final long connectionId;
    private final Set<PendingAcquire> pending = ConcurrentHashMap.newKeySet();
    private final Set<QueueDispatcher> dispatchers = ConcurrentHashMap.newKeySet();

    private volatile MessageSelector latestSelector = MessageSelector.ALL; // a consumer's requests name the same one

    QueueSession(long connectionId) {
        this.connectionId = connectionId;
    }

    long connectionId() {
        return connectionId;
    }

    /**
     * The selector that a request names, checked.
     *
     * @return {@link io.millrace.coordinator.queue.Selection#ALL} where it names none
     */
    String selector(@Nullable String text) throws InvalidSelectorSyntaxException {
        if (!latestSelector.text().equals(text)) {
            latestSelector = MessageSelector.parse(text);
        }
        return latestSelector.text();
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
