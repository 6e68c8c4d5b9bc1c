package io.millrace.server.queue;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.Selection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A consumer that asks the dispatchers of several partitions for records; the first that has some serves it.
 *
 * <p>Thread-safe. Whoever {@link #claim}s it must complete it.
 */
final class PendingAcquire {
    /** What it waits for; others that wait for the same can be served as little as it can, but for groups. */
    record Kind(@Nullable String subscription, String selector) {}

    private final ConsumerId consumer;
    private final Kind kind;
    private final int maxRecords;
    private final int maxBytes;
    private final BooleanSupplier isOpen;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final CompletableFuture<Acquired> acquired = new CompletableFuture<>();

    /** @param isOpen whether the consumer's connection still is: nobody else's records are acquired */
    PendingAcquire(
            ConsumerId consumer, @Nullable String subscription, int maxRecords, int maxBytes, BooleanSupplier isOpen) {
        this(consumer, new Kind(subscription, Selection.ALL), maxRecords, maxBytes, isOpen);
    }

    /** @param isOpen whether the consumer's connection still is: nobody else's records are acquired */
    PendingAcquire(ConsumerId consumer, Kind kind, int maxRecords, int maxBytes, BooleanSupplier isOpen) {
        this.consumer = consumer;
        this.kind = kind;
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
        this.isOpen = isOpen;
    }

    ConsumerId consumer() {
        return consumer;
    }

    Kind kind() {
        return kind;
    }

    @Nullable
    String subscription() {
        return kind.subscription();
    }

    /** {@link Selection#ALL} where there is none. */
    String selector() {
        return kind.selector();
    }

    boolean isSelective() {
        return !kind.selector().equals(Selection.ALL);
    }

    boolean isOpen() {
        return isOpen.getAsBoolean();
    }

    int maxRecords() {
        return maxRecords;
    }

    int maxBytes() {
        return maxBytes;
    }

    CompletableFuture<Acquired> acquired() {
        return acquired;
    }

    boolean isClaimed() {
        return claimed.get();
    }

    /** Whether the caller, and nobody else, is to complete it. Ends by itself when the connection is gone. */
    boolean claim() {
        if (!isOpen()) {
            end();
            return false;
        }
        return claimed.compareAndSet(false, true);
    }

    void complete(Acquired what) {
        acquired.complete(what);
    }

    void fail(RuntimeException failure) {
        acquired.completeExceptionally(failure);
    }

    /** Ends the wait with nothing, unless somebody is serving it. */
    void end() {
        if (claimed.compareAndSet(false, true)) {
            acquired.complete(Acquired.NOTHING);
        }
    }
}
