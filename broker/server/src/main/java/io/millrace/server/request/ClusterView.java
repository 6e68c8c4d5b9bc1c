package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.MetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The cluster as this broker knows it, and a way to wait for what it is about to learn. Thread-safe. */
public final class ClusterView {
    private static final int WAITERS_MAX = 10_000;

    private record Waiter(Predicate<ClusterImage> condition, CompletableFuture<Boolean> met) {}

    private final MetadataStore store;
    private final List<Waiter> waiters = new ArrayList<>(); // guarded by itself

    public ClusterView(MetadataStore store) {
        this.store = store;
        store.listen(this::onImage);
    }

    public ClusterImage image() {
        return store.image();
    }

    /** Waits until an image meets the condition. Completes with false when it does not in time, or when too many wait already. */
    public CompletableFuture<Boolean> await(Predicate<ClusterImage> condition, long timeoutMs) {
        var waiter = new Waiter(condition, new CompletableFuture<>());
        synchronized (waiters) {
            if (waiters.size() >= WAITERS_MAX) {
                return CompletableFuture.completedFuture(false);
            }
            waiters.add(waiter);
        }
        if (condition.test(image())) {
            waiter.met.complete(true);
        }
        return waiter.met
                .completeOnTimeout(false, timeoutMs, TimeUnit.MILLISECONDS)
                .whenComplete((met, failure) -> forget(waiter));
    }

    private void forget(Waiter waiter) {
        synchronized (waiters) {
            waiters.remove(waiter);
        }
    }

    private void onImage(ClusterImage image) {
        List<Waiter> waiting;
        synchronized (waiters) {
            waiting = List.copyOf(waiters);
        }
        waiting.stream().filter(waiter -> waiter.condition.test(image)).forEach(waiter -> waiter.met.complete(true));
    }
}
