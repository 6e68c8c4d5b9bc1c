package io.millrace.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Simulations under one seed after the other, as many at a time as there are processors, until all are over or enough have failed. */
final class SeededRuns {
    private static final Path REPORTS = Path.of("target", "simulation");
    private static final int LISTED_CHARACTERS = 200;
    private static final String REPLAY = "mvn -Dquick -pl broker/replication -am test -Dtest=";
    private static final String REPLAY_ARGUMENTS =
            " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed=%d -Dsimulation.broken=%s";

    private record Failure(String report, Throwable cause) {}

    private final String test;
    private final Enum<?> broken;
    private final LongFunction<SimulatedRun> maker;
    private final long firstSeed;
    private final int seeds;
    private final int failuresMax;
    private final AtomicInteger next = new AtomicInteger();
    private long tookNs;
    /** By seed. */
    private final TreeMap<Long, Failure> failures = new TreeMap<>();

    /**
     * @param test class and method that run a single seed with {@code -Dsimulation.seed}
     * @param broken the rule that is broken; NONE for none
     * @param failuresMax after which no more runs are begun
     */
    SeededRuns(
            String test, Enum<?> broken, LongFunction<SimulatedRun> maker, long firstSeed, int seeds, int failuresMax) {
        this.test = test;
        this.broken = broken;
        this.maker = maker;
        this.firstSeed = firstSeed;
        this.seeds = seeds;
        this.failuresMax = failuresMax;
    }

    /** Whether one seed is to be run, and its story told. */
    static boolean isReplay() {
        return Long.getLong("simulation.seed") != null;
    }

    int seedCount() {
        return seeds;
    }

    synchronized OptionalLong firstFailedSeed() {
        return failures.isEmpty() ? OptionalLong.empty() : OptionalLong.of(failures.firstKey());
    }

    void runAll() {
        long beganNs = System.nanoTime();
        int threads = Math.min(seeds, Runtime.getRuntime().availableProcessors());
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(executor.submit(this::runUntilEnough));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            executor.shutdownNow();
        }
        tookNs = System.nanoTime() - beganNs;
    }

    private void runUntilEnough() {
        while (!isEnough()) {
            int index = next.getAndIncrement();
            if (index >= seeds) {
                return;
            }
            run(firstSeed + index);
        }
    }

    private synchronized boolean isEnough() {
        return failures.size() >= failuresMax;
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // whatever a simulation throws is what its seed has found
    private void run(long seed) {
        SimulatedRun simulation = maker.apply(seed);
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException e) {
            String report = simulation.summary() + "\n" + String.join("\n", simulation.trace());
            write(seed, report + "\n" + e);
            synchronized (this) {
                failures.put(seed, new Failure(report, e));
            }
        }
    }

    private boolean isBroken() {
        return !broken.name().equals("NONE");
    }

    private void write(long seed, String report) {
        if (isBroken()) {
            return;
        }
        try {
            Path directory = REPORTS.resolve(test.substring(0, test.indexOf('#')));
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("seed-" + seed + ".txt"), report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells all about the first seed that failed, and which others did. */
    synchronized void throwFirstFailure() {
        if (!failures.isEmpty()) {
            long seed = failures.firstKey();
            @Nullable Failure first = failures.get(seed);
            throw new AssertionError(
                    "replay with " + REPLAY + test + REPLAY_ARGUMENTS.formatted(seed, broken.name()) + "\n"
                            + first.report + "\nfailed seeds" + listed(),
                    first.cause);
        }
    }

    /** How many ran, for how long, and which failed. */
    synchronized String summary() {
        return Math.min(next.get(), seeds) + " seeds from " + firstSeed + ", rules broken: " + broken + ", in "
                + TimeUnit.NANOSECONDS.toMillis(tookNs) + " ms, failed seeds" + listed();
    }

    private String listed() {
        var list = new StringBuilder(failures.isEmpty() ? " none" : ":");
        failures.forEach((seed, failure) -> {
            String message = String.valueOf(failure.cause.getMessage()).strip();
            list.append("\n")
                    .append(seed)
                    .append(" ")
                    .append(message, 0, Math.min(message.length(), LISTED_CHARACTERS));
        });
        return list.toString();
    }
}
