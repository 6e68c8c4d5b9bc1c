package io.millrace.interop;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The longest time between two acknowledgements. Safe for use by any thread. */
final class LongestGap {
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());

    void onAcknowledged() {
        long now = System.nanoTime();
        longestNanos.accumulateAndGet(now - lastNanos.getAndSet(now), Math::max);
    }

    Duration longest() {
        return Duration.ofNanos(longestNanos.get());
    }

    /** Forgets the longest gap so far. */
    void restart() {
        lastNanos.set(System.nanoTime());
        longestNanos.set(0);
    }
}
