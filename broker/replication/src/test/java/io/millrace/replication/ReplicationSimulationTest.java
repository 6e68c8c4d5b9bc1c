package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the cluster of {@link Simulation} under many seeds. A failure names its seed; {@code -Dsimulation.seed=N} runs that one alone and
 * prints what happened.
 */
@Timeout(300)
class ReplicationSimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 30);
    private static final long FAULTY_MS = 8_000;
    /** Kept, for otherwise the configuration of the logger may be forgotten. */
    private static final Logger LOGGER = Logger.getLogger("io.millrace");

    @BeforeAll
    static void beQuiet() {
        LOGGER.setLevel(Long.getLong("simulation.seed") == null ? Level.OFF : Level.FINE);
    }

    @Test
    void nothingAcknowledgedIsLostWhateverFails() {
        Long only = Long.getLong("simulation.seed");
        if (only != null) {
            run(only);
            return;
        }
        long base = System.nanoTime() % 1_000_000_000L;

        int acknowledged = 0;
        int repaired = 0;
        for (int i = 0; i < SEEDS; i++) {
            Simulation simulation = run(base + i);
            acknowledged += simulation.acknowledgedCount();
            repaired += simulation.repairedCount();
        }

        assertThat(acknowledged).as("acknowledged in all runs").isGreaterThan(SEEDS * 100);
        assertThat(repaired).as("repaired logs in all runs").isGreaterThan(SEEDS / 30);
    }

    private static Simulation run(long seed) {
        var simulation = new Simulation(seed);
        try {
            simulation.run(FAULTY_MS);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "replay with -Dsimulation.seed=" + seed + "; " + simulation.summary() + "\n"
                            + String.join("\n", simulation.trace()),
                    e);
        }
        return simulation;
    }
}
