package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the cluster of {@link Simulation} under a few seeds, or {@code -Dsimulation.seeds=N} others. A failure prints what
 * happened, and the command that runs its seed alone.
 */
@Timeout(value = 8, unit = TimeUnit.HOURS)
class ReplicationSimulationTest {
    private static final @Nullable Integer SEEDS_WANTED = Integer.getInteger("simulation.seeds");
    private static final int SEEDS = SEEDS_WANTED == null ? 16 : SEEDS_WANTED;
    private static final long FAULTY_MS = 8_000;
    private static final String REPLAY = "mvn -Dquick -pl broker/replication -am test -Dtest=ReplicationSimulationTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed=";
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
        // The same in every build, and others whenever somebody asks for a number of them.
        long base = SEEDS_WANTED == null ? 1 : System.nanoTime() % 1_000_000_000L;

        int acknowledged = 0;
        int repaired = 0;
        for (int i = 0; i < SEEDS; i++) {
            Simulation simulation = run(base + i);
            acknowledged += simulation.acknowledgedCount();
            repaired += simulation.repairedCount();
        }

        assertThat(acknowledged).as("acknowledged in all runs").isGreaterThan(SEEDS * 100);
        assertThat(repaired).as("repaired logs in all runs").isGreaterThanOrEqualTo(SEEDS / 60);
    }

    @Test
    void theSameSeedRunsTheSameWay() {
        assertThat(run(11).trace()).isEqualTo(run(11).trace());
    }

    private static Simulation run(long seed) {
        var simulation = new Simulation(seed);
        try {
            simulation.run(FAULTY_MS);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "replay with " + REPLAY + seed + "\n" + simulation.summary() + "\n"
                            + String.join("\n", simulation.trace()),
                    e);
        }
        return simulation;
    }
}
