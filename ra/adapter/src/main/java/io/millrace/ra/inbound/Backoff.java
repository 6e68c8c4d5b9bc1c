package io.millrace.ra.inbound;

import java.time.Duration;

/**
 * Pauses that double up to a maximum. Immutable.
 *
 * @param first the pause after the first failure
 * @param longest no pause is longer
 */
record Backoff(Duration first, Duration longest) {
    private static final int DOUBLINGS_MAX = 20;

    /** For a cluster or a destination that cannot be reached. */
    static final Backoff OF_OUTAGES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** For an endpoint that is not there yet, or whose pool is exhausted. */
    static final Backoff OF_ENDPOINTS = new Backoff(Duration.ofMillis(10), Duration.ofSeconds(1));

    /** For a message that its bean failed to consume; the first redelivery comes at once. */
    static final Backoff OF_REDELIVERY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    /** The pause after this many failures; none for none. */
    Duration pauseAfter(int failures) {
        if (failures < 1) {
            return Duration.ZERO;
        }
        Duration pause = first.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS_MAX));
        return pause.compareTo(longest) < 0 ? pause : longest;
    }
}
