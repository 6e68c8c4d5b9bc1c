package io.millrace.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to pause before the next try: doubling from a first pause to a longest, each scattered by a fifth in both
 * directions, so that clients of a broker that comes back do not all come at once. Immutable but for the generator.
 */
final class Backoff {
    private static final int DOUBLINGS_MAX = 20;
    private static final double SCATTER = 0.2;

    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.firstNanos = Math.max(1, first.toNanos());
        this.longestNanos = Math.max(firstNanos, longest.toNanos());
        this.random = random;
    }

    /** The pause after this many failures in a row; none after none. */
    long pauseNanos(int failures) {
        if (failures <= 0) {
            return 0;
        }
        double pause = firstNanos * (double) (1L << Math.min(failures - 1, DOUBLINGS_MAX));
        double scattered = Math.min(pause, (double) longestNanos) * (1 - SCATTER + 2 * SCATTER * random.nextDouble());
        return (long) scattered;
    }
}
