package io.millrace.benchmarks.figures;

import java.time.Duration;
import java.util.function.Supplier;

/** Time and the brokers' processors, from its start on. */
public final class Stopwatch {
    private final Supplier<Duration> brokerCpu;
    private final Duration cpuAtStart;
    private final long startNanos;

    public Stopwatch(Supplier<Duration> brokerCpu) {
        this.brokerCpu = brokerCpu;
        this.cpuAtStart = brokerCpu.get();
        this.startNanos = System.nanoTime();
    }

    /** What has passed between two moments. */
    public record Span(Duration time, Duration brokerCpu) {
        public double perSecond(long count) {
            return count / (time.toNanos() / 1e9);
        }

        public double cpuSecondsPerMillion(long count) {
            return brokerCpu.toNanos() / 1e9 / count * 1e6;
        }
    }

    public boolean isBefore(Duration end) {
        return System.nanoTime() - startNanos < end.toNanos();
    }

    public Span stop() {
        return stopAt(System.nanoTime());
    }

    /** The same where the end was noted before, by {@link System#nanoTime}. */
    public Span stopAt(long endNanos) {
        return new Span(Duration.ofNanos(endNanos - startNanos), brokerCpu.get().minus(cpuAtStart));
    }
}
