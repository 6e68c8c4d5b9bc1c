package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the cluster of {@link Simulation} under a few hundred seeds, or {@code -Dsimulation.seeds=N} others. A failure prints what happened, and the command
 * that runs its seed alone. {@code -Dsimulation.broken=RULE} breaks a rule.
 */
@Timeout(value = 8, unit = TimeUnit.HOURS)
@ExtendWith(QuietSimulations.class)
class ReplicationSimulationTest {
    private static final @Nullable Integer SEEDS_WANTED = Integer.getInteger("simulation.seeds");
    private static final int SEEDS = SEEDS_WANTED == null ? 300 : SEEDS_WANTED;
    private static final BrokenRule BROKEN = BrokenRule.valueOf(System.getProperty("simulation.broken", "NONE"));

    @Test
    void nothingAcknowledgedIsLostWhateverFails() {
        Long only = Long.getLong("simulation.seed");
        // The same in every build, and others whenever somebody asks for a number of them.
        long first = SEEDS_WANTED == null ? 1 : System.nanoTime() % 1_000_000_000L;
        var runs = only == null ? new SimulationRuns(BROKEN, first, SEEDS) : new SimulationRuns(BROKEN, only, 1);

        runs.runAll();

        runs.throwFirstFailure();
        assertThat(runs.acknowledgedCount()).as("acknowledged in all runs").isGreaterThan(runs.seedCount() * 100L);
        assertThat(runs.repairedCount()).as("repaired logs in all runs").isGreaterThanOrEqualTo(runs.seedCount() / 60);
    }

    /** Seeds under which leaderships of an earlier life were taken for those of the present one. */
    @ParameterizedTest
    @ValueSource(longs = {106025195, 106025784, 106026777, 106027857})
    void aBrokerThatComesBackWithinItsSessionIsNotTakenForItsFormerLife(long seed) {
        assertHolds(seed);
    }

    /** A seed under which all brokers lose their power when no log of the new topics is on a medium yet, and nor is that the directories were complete. */
    @Test
    void partitionsThatNeverWroteAnythingAreThereAgainWhenTheirBrokersAreStarted() {
        assertHolds(683500473);
    }

    private static void assertHolds(long seed) {
        var runs = new SimulationRuns(BrokenRule.NONE, seed, 1);

        runs.runAll();

        runs.throwFirstFailure();
        assertThat(runs.firstFailedSeed()).isEmpty();
    }

    @Test
    void theSameSeedRunsTheSameWay() {
        assertThat(SimulationRuns.trace(11)).isEqualTo(SimulationRuns.trace(11));
    }
}
