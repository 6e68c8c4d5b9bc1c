package io.millrace.replication;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * What waits for its turn to be fetched under a {@link FetchThrottle}, first come, first served.
 *
 * <p>Owned by the fetcher's loop. As much as one fetch may bring is owed before it is sent, so that many that wait do not all go at once.
 *
 * @param <T> names what is fetched
 */
final class ThrottledNames<T> {
    private final FetchThrottle throttle;
    private final long expectedBytes;
    private final Set<T> waiting = new LinkedHashSet<>();
    /** Sent, and not yet answered. */
    private final Set<T> expected = new HashSet<>();

    ThrottledNames(FetchThrottle throttle, long expectedBytes) {
        this.throttle = throttle;
        this.expectedBytes = expectedBytes;
    }

    void add(T name) {
        waiting.add(name);
    }

    void remove(T name) {
        waiting.remove(name);
        expected.remove(name);
    }

    void clear() {
        waiting.clear();
        expected.clear();
    }

    /**
     * Hands out what may be fetched now.
     *
     * @param rate of each, in bytes per second; {@link FetchThrottle#UNTHROTTLED} for one that need not wait any more
     * @return when there is more, how long to wait for it; else 0
     */
    long drain(long nowMs, ToLongFunction<T> rate, Consumer<T> receiver) {
        var next = waiting.iterator();
        while (next.hasNext()) {
            T name = next.next();
            long bytesPerSecond = rate.applyAsLong(name);
            if (bytesPerSecond != FetchThrottle.UNTHROTTLED) {
                long pauseMs = throttle.request(bytesPerSecond, expectedBytes, nowMs);
                if (pauseMs > 0) {
                    return pauseMs;
                }
                expected.add(name);
            }
            next.remove();
            receiver.accept(name);
        }
        return 0;
    }

    /**
     * Tells how much a fetch has brought.
     *
     * @param isThrottled whether it counts although nothing was expected, as after a lost session
     */
    void onFetched(T name, long bytes, boolean isThrottled) {
        if (expected.remove(name)) {
            throttle.onFetched(bytes, expectedBytes);
        } else if (isThrottled) {
            throttle.onFetched(bytes, 0);
        }
    }
}
