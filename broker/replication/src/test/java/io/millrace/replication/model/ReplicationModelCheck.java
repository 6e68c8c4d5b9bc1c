package io.millrace.replication.model;

import static io.millrace.replication.model.ModelRules.asBuilt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of the replication hold within the bounds, and each rule is needed: TLC finds what goes wrong without it.
 *
 * <p>{@code -Dmodel.longer=true} searches further and follows random paths far beyond.
 */
class ReplicationModelCheck {
    private static final Duration TIME_MAX = Duration.ofMinutes(15);
    private static final Duration LONGER_TIME_MAX = Duration.ofHours(3);
    private static final int PATHS = 100_000;
    private static final int PATH_DEPTH = 60;

    private static final List<String> INVARIANTS = List.of(
            "OneLeaderPerEpoch",
            "LogMatching",
            "HighWatermarksAgree",
            "ElectableHoldAll",
            "LeaderHoldsAll",
            "LeaderKnowsInSync",
            "ZombieWritesNothing");

    static Stream<Arguments> rules() {
        return Stream.of(
                arguments("elections", asBuilt("process"), new ModelBounds(1, 3, 3, 1, 0)),
                arguments("records", asBuilt("process"), new ModelBounds(2, 2, 3, 1, 0)),
                arguments("controllers", asBuilt("process"), new ModelBounds(1, 2, 2, 3, 1)),
                arguments("journal", asBuilt("journal"), new ModelBounds(1, 2, 2, 1, 1)),
                arguments("os-marker", asBuilt("os").withMarker("checked"), new ModelBounds(1, 2, 2, 1, 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void theRulesHold(String name, ModelRules rules, ModelBounds bounds) throws IOException, InterruptedException {
        var run = new ModelRun(name, bounds, rules, INVARIANTS, TIME_MAX);

        var result = run.search();

        print(name + " (" + bounds + ") holds", result);
        assertThat(result.isComplete()).as(result.output()).isTrue();
        assertThat(result.distinctStates()).isGreaterThan(1_000);
    }

    static Stream<Arguments> longer() {
        return Stream.of(
                arguments("longer-elections", asBuilt("process"), new ModelBounds(1, 3, 4, 1, 0)),
                arguments("longer-journal", asBuilt("journal"), new ModelBounds(1, 2, 3, 1, 1)),
                arguments("longer-journal-records", asBuilt("journal"), new ModelBounds(2, 2, 2, 1, 1)),
                arguments("longer-journal-crashes", asBuilt("journal"), new ModelBounds(1, 2, 2, 1, 2)),
                arguments("longer-os-marker", asBuilt("os").withMarker("checked"), new ModelBounds(1, 2, 3, 1, 1)));
    }

    @EnabledIfSystemProperty(named = "model.longer", matches = "true")
    @ParameterizedTest(name = "{0}")
    @MethodSource("longer")
    void theRulesHoldFurtherOut(String name, ModelRules rules, ModelBounds bounds)
            throws IOException, InterruptedException {
        var run = new ModelRun(name, bounds, rules, INVARIANTS, LONGER_TIME_MAX);

        var result = run.search();

        print(name + " (" + bounds + ") holds", result);
        assertThat(result.isComplete()).as(result.output()).isTrue();
    }

    static Stream<Arguments> mutants() {
        var process = asBuilt("process");
        var journal = asBuilt("journal");
        var os = asBuilt("os");
        return Stream.of(
                mutant(
                        "truncate-to-high-watermark",
                        process.without("truncate by epoch"),
                        1,
                        2,
                        2,
                        1,
                        0,
                        "ElectableHoldAll"),
                mutant(
                        "count-the-proposed",
                        process.without("count the maximal set"),
                        1,
                        1,
                        2,
                        1,
                        0,
                        "ElectableHoldAll"),
                mutant(
                        "commit-below-the-minimum",
                        process.without("count the minimum"),
                        1,
                        1,
                        3,
                        1,
                        0,
                        "ElectableHoldAll"),
                mutant("join-before-caught-up", process.without("join caught up"), 1, 1, 3, 1, 0, "ElectableHoldAll"),
                mutant(
                        "zombie-writes",
                        process.without("check the controller epoch"),
                        1,
                        1,
                        2,
                        2,
                        0,
                        "ZombieWritesNothing"),
                mutant(
                        "unfenced-bucket",
                        process.without("check the controller epoch", "check the version"),
                        1,
                        2,
                        3,
                        2,
                        0,
                        "OneLeaderPerEpoch"),
                mutant(
                        "acknowledge-before-fsync",
                        journal.without("sync before acknowledging"),
                        1,
                        1,
                        1,
                        1,
                        1,
                        "ElectableHoldAll"),
                mutant("lead-a-found-epoch", journal.without("disown found epochs"), 2, 1, 1, 1, 1, "LogMatching"),
                mutant(
                        "stale-first-image",
                        journal.without("sync before the first image"),
                        2,
                        2,
                        2,
                        1,
                        1,
                        "LogMatching"),
                mutant("elect-the-unclean", os, 1, 2, 2, 1, 1, "LeaderHoldsAll"),
                mutant("marker-only-noticed", os.withMarker("noticed"), 1, 2, 2, 1, 1, "LeaderHoldsAll"),
                mutant(
                        "join-from-an-earlier-life",
                        os.withMarker("checked").without("check the life of who joins"),
                        1,
                        1,
                        3,
                        1,
                        1,
                        "ElectableHoldAll"));
    }

    private static Arguments mutant(
            String name,
            ModelRules rules,
            int records,
            int leaders,
            int states,
            int controllers,
            int crashes,
            String violated) {
        return arguments(name, rules, new ModelBounds(records, leaders, states, controllers, crashes), violated);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void aRuleLeftOutIsFound(String name, ModelRules rules, ModelBounds bounds, String violated)
            throws IOException, InterruptedException {
        var run = new ModelRun(name, bounds, rules, List.of(violated), TIME_MAX);

        var result = run.search();

        print(name + " (" + bounds + ") violates " + violated, result);
        assertThat(result.violates(violated)).as(result.output()).isTrue();
    }

    @EnabledIfSystemProperty(named = "model.longer", matches = "true")
    @Test
    void theRulesHoldOnRandomPaths() throws IOException, InterruptedException {
        var bounds = new ModelBounds(4, 6, 10, 3, 3);
        var run = new ModelRun("random-paths", bounds, asBuilt("journal"), INVARIANTS, LONGER_TIME_MAX);

        var result = run.simulate(PATHS, PATH_DEPTH);

        print("random paths (" + bounds + ") hold", result);
        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    private static void print(String what, ModelRun.Result result) {
        System.out.println("Model: " + what + ": " + result.summary());
    }
}
