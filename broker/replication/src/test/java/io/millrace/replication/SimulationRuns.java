package io.millrace.replication;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Runs of {@link Simulation} under many seeds, and what they amount to. */
final class SimulationRuns {
    private static final long FAULTY_MS = 8_000;
    private static final int FAILURES_MAX = 20;
    private static final String TEST = "ReplicationSimulationTest#nothingAcknowledgedIsLostWhateverFails";

    /** Not among the loggers that {@link QuietSimulations} silences. */
    private static final System.Logger LOGGER = System.getLogger("simulation");

    private final BrokenRule broken;
    private final SeededRuns runs;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicInteger repaired = new AtomicInteger();

    SimulationRuns(BrokenRule broken, long firstSeed, int seeds) {
        this(broken, firstSeed, seeds, FAILURES_MAX);
    }

    /** @param failuresMax after which no more runs are begun */
    SimulationRuns(BrokenRule broken, long firstSeed, int seeds, int failuresMax) {
        this.broken = broken;
        this.runs = new SeededRuns(TEST, broken, Run::new, firstSeed, seeds, failuresMax);
    }

    /** What happens under a seed. */
    static List<String> trace(long seed) {
        var simulation = new Simulation(seed, BrokenRule.NONE);
        simulation.run(FAULTY_MS);
        return simulation.trace();
    }

    int seedCount() {
        return runs.seedCount();
    }

    long acknowledgedCount() {
        return acknowledged.get();
    }

    int repairedCount() {
        return repaired.get();
    }

    OptionalLong firstFailedSeed() {
        return runs.firstFailedSeed();
    }

    void runAll() {
        runs.runAll();
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> acknowledged.get() + " records acknowledged, " + repaired.get() + " damaged logs repaired in "
                        + runs.summary());
    }

    void throwFirstFailure() {
        runs.throwFirstFailure();
    }

    private final class Run implements SimulatedRun {
        private final Simulation simulation;

        Run(long seed) {
            this.simulation = new Simulation(seed, broken);
        }

        @Override
        public void run() {
            if (broken == BrokenRule.NONE) {
                simulation.run(FAULTY_MS);
            } else {
                // A broken rule need not only hold up the cluster.
                simulation.runFaults(FAULTY_MS);
            }
            acknowledged.addAndGet(simulation.checks().history().acknowledgedCount());
            repaired.addAndGet(simulation.checks().repairedCount());
        }

        @Override
        public String summary() {
            return simulation.summary();
        }

        @Override
        public List<String> trace() {
            return simulation.trace();
        }
    }
}
