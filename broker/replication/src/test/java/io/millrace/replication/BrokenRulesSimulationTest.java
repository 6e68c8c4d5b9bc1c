package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Breaks one rule at a time, and shows that the checks of the simulation find it. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class BrokenRulesSimulationTest {
    private static final int SEEDS_MAX = 40;
    private static final long FAULTY_MS = 8_000;
    /** Kept, for otherwise the configuration of the logger may be forgotten. */
    private static final Logger LOGGER = Logger.getLogger("io.millrace");

    @BeforeAll
    static void beQuiet() {
        LOGGER.setLevel(Level.OFF);
    }

    @ParameterizedTest
    @EnumSource(value = BrokenRule.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenRuleIsFound(BrokenRule rule) {
        long seed = 1;
        while (seed <= SEEDS_MAX && !isFound(seed, rule)) {
            seed++;
        }

        assertThat(seed).as("the first seed that finds %s broken", rule).isLessThanOrEqualTo(SEEDS_MAX);
    }

    private static boolean isFound(long seed, BrokenRule rule) {
        var simulation = new Simulation(seed, rule);
        try {
            simulation.run(FAULTY_MS);
            return false;
        } catch (AssertionError | IllegalStateException found) {
            return true;
        }
    }
}
