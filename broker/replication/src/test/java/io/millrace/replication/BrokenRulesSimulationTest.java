package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Breaks one rule at a time, and shows that the checks of what must hold at any time find it. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
@ExtendWith(QuietSimulations.class)
class BrokenRulesSimulationTest {
    private static final int SEEDS_MAX = 100;

    @ParameterizedTest
    @EnumSource(value = BrokenRule.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenRuleIsFound(BrokenRule rule) {
        var runs = new SimulationRuns(rule, 1, SEEDS_MAX, 1);

        runs.runAll();

        assertThat(runs.firstFailedSeed())
                .as("the first seed of %d that finds %s broken", SEEDS_MAX, rule)
                .isPresent();
    }
}
