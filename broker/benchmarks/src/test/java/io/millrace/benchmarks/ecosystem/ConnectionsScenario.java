package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Latencies;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * 250 producers and 250 consumers, one of each for every partition of a topic. A producer sends one record, waits for its acknowledgement, and sends
 * the next; the consumer of its partition reads them.
 */
record ConnectionsScenario() implements Scenario {
    private static final int PAIRS = 250;
    private static final int OPENED_AT_ONCE = 10;
    private static final Duration TIME = Duration.ofSeconds(6);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final Duration STEP_MAX = Duration.ofSeconds(30);
    private static final int LATENCIES_MAX = 5_000_000;

    @Override
    public String name() {
        return "500 clients, each producing or fetching one record of 100 B at a time";
    }

    @Override
    public void warmUp(Target target, Effort effort) {
        // Opening the clients takes longer than anything else; what they do at first is not counted.
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        String topic = target.createTopic(effort.unique("connections"), PAIRS);
        var state = new State();
        List<ClientPair> pairs = List.of();
        try {
            pairs = open(target, topic, state);
            pairs.forEach(ClientPair::begin);
            state.pause(effort.time(SETTLE));
            Stopwatch watch = target.start();
            state.isCounting.set(true);
            state.pause(effort.time(TIME));
            state.isCounting.set(false);
            Stopwatch.Span span = watch.stop();
            state.isStopping.set(true);
            List<ClientPair> all = pairs;
            state.await("every send is answered and read", () -> all.stream().allMatch(ClientPair::hasReadAll));
            target.checkRecords(
                    topic,
                    PAIRS,
                    all.stream().mapToLong(ClientPair::acknowledged).sum());
            int count = state.latencies.count();
            return new Measured(
                    List.of(
                            Measured.Figure.rate("rec/s", span.perSecond(count)),
                            Measured.Figure.millis("p99 ms", state.latencies.percentiles(99)[0])),
                    span.cpuSecondsPerMillion(count));
        } finally {
            state.isStopping.set(true);
            close(pairs);
        }
    }

    private static List<ClientPair> open(Target target, String topic, State state) throws InterruptedException {
        List<Callable<List<ClientPair>>> opening = new ArrayList<>();
        for (int i = 0; i < OPENED_AT_ONCE; i++) {
            int first = i;
            opening.add(() -> IntStream.range(0, PAIRS)
                    .filter(partition -> partition % OPENED_AT_ONCE == first)
                    .mapToObj(partition -> new ClientPair(target, topic, partition, state))
                    .toList());
        }
        return Crew.all(opening, STEP_MAX).stream().flatMap(List::stream).toList();
    }

    private static void close(List<ClientPair> pairs) throws InterruptedException {
        List<Callable<Boolean>> closing = new ArrayList<>();
        for (ClientPair pair : pairs) {
            closing.add(() -> {
                pair.close();
                return true;
            });
        }
        if (!closing.isEmpty()) {
            Crew.all(closing, STEP_MAX);
        }
    }

    /** What all clients share: what they are to do, what they have measured, and the first failure of any. */
    static final class State {
        final AtomicBoolean isStopping = new AtomicBoolean();
        final AtomicBoolean isCounting = new AtomicBoolean();
        final Latencies latencies = new Latencies(LATENCIES_MAX);
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        void failed(Exception cause) {
            failure.compareAndSet(null, cause);
        }

        void pause(Duration time) {
            long end = System.nanoTime() + time.toNanos();
            for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
                checkNothingFailed();
                LockSupport.parkNanos(Math.min(left, 50_000_000));
            }
            checkNothingFailed();
        }

        void await(String condition, BooleanSupplier holds) {
            long deadline = System.nanoTime() + STEP_MAX.toNanos();
            while (!holds.getAsBoolean()) {
                checkNothingFailed();
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("not within " + STEP_MAX + ": " + condition);
                }
                LockSupport.parkNanos(10_000_000);
            }
        }

        private void checkNothingFailed() {
            Exception first = failure.get();
            if (first != null) {
                throw new IllegalStateException("a client failed: " + first, first);
            }
        }
    }
}
