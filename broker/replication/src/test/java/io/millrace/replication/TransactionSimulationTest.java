package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs {@link TransactionSimulation} under a few hundred seeds, or {@code -Dsimulation.seeds=N} others. A failure prints what happened, and the command that runs
 * its seed alone.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
@ExtendWith(QuietSimulations.class)
class TransactionSimulationTest {
    private static final @Nullable Integer SEEDS_WANTED = Integer.getInteger("simulation.seeds");
    private static final int SEEDS = SEEDS_WANTED == null ? 200 : SEEDS_WANTED;
    private static final int FAILURES_MAX = 20;
    private static final int SEEDS_UNTIL_FOUND_MAX = 400;
    private static final String TEST = "TransactionSimulationTest#aTransactionIsAllOrNothingWhateverFails";
    private static final System.Logger LOGGER = System.getLogger("simulation");

    @Test
    void aTransactionIsAllOrNothingWhateverFails() {
        Long only = Long.getLong("simulation.seed");
        // The same in every build, and others whenever somebody asks for a number of them.
        long first = SEEDS_WANTED == null ? 1 : System.nanoTime() % 1_000_000_000L;
        var committed = new AtomicLong();
        var broken = BrokenTransactionRule.valueOf(System.getProperty("simulation.broken", "NONE"));
        var runs = new SeededRuns(
                TEST,
                broken,
                seed -> counted(new TransactionSimulation(seed, broken), committed),
                only == null ? first : only,
                only == null ? SEEDS : 1,
                FAILURES_MAX);

        runs.runAll();

        LOGGER.log(System.Logger.Level.INFO, () -> committed + " transactions committed in " + runs.summary());
        runs.throwFirstFailure();
        assertThat(committed.get()).as("committed in all runs").isGreaterThan(runs.seedCount() * 5L);
    }

    private static SimulatedRun counted(TransactionSimulation simulation, AtomicLong committed) {
        return new SimulatedRun() {
            @Override
            public void run() {
                simulation.run();
                committed.addAndGet(simulation.history().committedCount());
            }

            @Override
            public String summary() {
                return simulation.summary();
            }

            @Override
            public List<String> trace() {
                return simulation.trace();
            }
        };
    }

    @ParameterizedTest
    @EnumSource(value = BrokenTransactionRule.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenRuleIsFound(BrokenTransactionRule rule) {
        var runs =
                new SeededRuns(TEST, rule, seed -> new TransactionSimulation(seed, rule), 1, SEEDS_UNTIL_FOUND_MAX, 1);

        runs.runAll();

        LOGGER.log(System.Logger.Level.INFO, runs::summary);
        assertThat(runs.firstFailedSeed())
                .as("the first seed of %d that finds %s broken", SEEDS_UNTIL_FOUND_MAX, rule)
                .isPresent();
    }
}
