package io.millrace.server.request;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.MetadataStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The cluster as this broker knows it, and a way to wait for what it is about to learn. Thread-safe. */
public final class ClusterView {
    private static final int WAITERS_MAX = 10_000;

    private record Waiter(Predicate<ClusterImage> condition, CompletableFuture<Boolean> met) {}

    private final MetadataStore store;
    private volatile Set<Integer> fenced = Set.of();
    private final List<Waiter> waiters = new ArrayList<>(); // guarded by itself

    public ClusterView(MetadataStore store) {
        this.store = store;
        store.listen(this::onImage);
    }

    public ClusterImage image() {
        return store.image();
    }

    /** Takes over whom the controller has fenced, as far as it has told this broker. */
    public void onFenced(Set<Integer> brokers) {
        fenced = brokers;
    }

    /**
     * The brokers of an image that clients may be sent to: registered and not fenced. What is known of fencing is as old as the last heartbeat, so
     * a broker that leads is among them in any case: the controller elects nobody who is fenced.
     *
     * @param leaders of the partitions that are spoken of
     */
    Collection<BrokerRegistration> alive(ClusterImage image, Set<Integer> leaders) {
        return image.brokers().values().stream()
                .filter(broker -> leaders.contains(broker.brokerId()) || isAlive(image, broker.brokerId()))
                .toList();
    }

    /** Whether clients may be sent to the broker: registered and not fenced, as far as this one knows. */
    public boolean isAlive(ClusterImage image, int brokerId) {
        return image.brokers().containsKey(brokerId) && !fenced.contains(brokerId);
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
