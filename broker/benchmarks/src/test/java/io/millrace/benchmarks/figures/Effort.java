package io.millrace.benchmarks.figures;

import java.time.Duration;

/**
 * How much of a row is done.
 *
 * @param size multiplies counts and times
 * @param label of this pass; names made with it are used by no other pass on the same peer
 */
public record Effort(double size, String label) {
    private static final Duration TIME_MIN = Duration.ofMillis(300);

    public long count(long full) {
        return Math.max(1, Math.round(full * size));
    }

    public Duration time(Duration full) {
        Duration scaled = Duration.ofNanos(Math.round(full.toNanos() * size));
        return scaled.compareTo(TIME_MIN) < 0 ? TIME_MIN : scaled;
    }

    public String unique(String name) {
        return name + "-" + label;
    }
}
