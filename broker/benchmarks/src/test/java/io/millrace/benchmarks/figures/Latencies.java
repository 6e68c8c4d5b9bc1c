package io.millrace.benchmarks.figures;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** All latencies of a pass, each of them kept. Any thread adds; percentiles are for afterwards. */
public final class Latencies {
    private final long[] nanos;
    private final AtomicInteger count = new AtomicInteger();

    public Latencies(int max) {
        nanos = new long[max];
    }

    public void add(long latencyNanos) {
        int index = count.getAndIncrement();
        if (index >= nanos.length) {
            throw new IllegalStateException("there are more than " + nanos.length + " latencies");
        }
        nanos[index] = latencyNanos;
    }

    public int count() {
        return count.get();
    }

    /** In milliseconds, of those percentages. */
    public double[] percentiles(double... percents) {
        int size = count.get();
        if (size == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return Arrays.stream(percents)
                .map(percent -> sorted[(int) Math.min(size - 1L, (long) Math.ceil(size * percent / 100) - 1)] / 1e6)
                .toArray();
    }
}
