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
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Simulations under one seed after the other, as many at a time as there are processors, until all are over or enough have failed. */
final class SimulationRuns {
    private static final long FAULTY_MS = 8_000;
    private static final int FAILURES_MAX = 20;
    private static final Path REPORTS = Path.of("target", "simulation");
    private static final int LISTED_CHARACTERS = 200;
    private static final String REPLAY = "mvn -Dquick -pl broker/replication -am test -Dtest=ReplicationSimulationTest"
            + "#nothingAcknowledgedIsLostWhateverFails -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed=";

    /** Not among the loggers that {@link QuietSimulations} silences. */
    private static final System.Logger LOGGER = System.getLogger("simulation");

    private record Failure(String report, Throwable cause) {}

    private final BrokenRule broken;
    private final long firstSeed;
    private final int seeds;
    private final int failuresMax;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicInteger repaired = new AtomicInteger();
    /** By seed. */
    private final TreeMap<Long, Failure> failures = new TreeMap<>();

    SimulationRuns(BrokenRule broken, long firstSeed, int seeds) {
        this(broken, firstSeed, seeds, FAILURES_MAX);
    }

    /** @param failuresMax after which no more runs are begun */
    SimulationRuns(BrokenRule broken, long firstSeed, int seeds, int failuresMax) {
        this.broken = broken;
        this.firstSeed = firstSeed;
        this.seeds = seeds;
        this.failuresMax = failuresMax;
    }

    /** Whether one seed is to be run, and its story told. */
    static boolean isReplay() {
        return Long.getLong("simulation.seed") != null;
    }

    /** What happens under a seed. */
    static List<String> trace(long seed) {
        var simulation = new Simulation(seed, BrokenRule.NONE);
        simulation.run(FAULTY_MS);
        return simulation.trace();
    }

    int seedCount() {
        return seeds;
    }

    long acknowledgedCount() {
        return acknowledged.get();
    }

    int repairedCount() {
        return repaired.get();
    }

    synchronized OptionalLong firstFailedSeed() {
        return failures.isEmpty() ? OptionalLong.empty() : OptionalLong.of(failures.firstKey());
    }

    void runAll() {
        long beganNs = System.nanoTime();
        runOnAllProcessors();
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> Math.min(next.get(), seeds) + " seeds from " + firstSeed + ", rules broken: " + broken + ", in "
                        + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNs) + " s: " + acknowledged.get()
                        + " records acknowledged, " + repaired.get() + " damaged logs repaired, failed seeds"
                        + listed());
    }

    private void runOnAllProcessors() {
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

    @SuppressWarnings("checkstyle:IllegalCatch") // whatever a simulated cluster throws is what its seed has found
    private void run(long seed) {
        var simulation = new Simulation(seed, broken);
        try {
            if (broken == BrokenRule.NONE) {
                simulation.run(FAULTY_MS);
            } else {
                // A broken rule need not only hold up the cluster.
                simulation.runFaults(FAULTY_MS);
            }
            acknowledged.addAndGet(simulation.checks().history().acknowledgedCount());
            repaired.addAndGet(simulation.checks().repairedCount());
        } catch (AssertionError | RuntimeException e) {
            String report = simulation.summary() + "\n" + String.join("\n", simulation.trace());
            write(seed, report + "\n" + e);
            synchronized (this) {
                failures.put(seed, new Failure(report, e));
            }
        }
    }

    private void write(long seed, String report) {
        if (broken != BrokenRule.NONE) {
            return;
        }
        try {
            Files.createDirectories(REPORTS);
            Files.writeString(REPORTS.resolve("seed-" + seed + ".txt"), report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that runs a seed alone. */
    private String replay(long seed) {
        return REPLAY + seed + (broken == BrokenRule.NONE ? "" : " -Dsimulation.broken=" + broken);
    }

    /** Tells all about the first seed that failed, and which others did. */
    synchronized void throwFirstFailure() {
        if (!failures.isEmpty()) {
            long seed = failures.firstKey();
            @Nullable Failure first = failures.get(seed);
            throw new AssertionError(
                    "replay with " + replay(seed) + "\n" + first.report + "\nfailed seeds" + listed(), first.cause);
        }
    }

    private synchronized String listed() {
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
