package io.millrace.replication.model;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of TLC, in a process of its own, on {@code src/model/Replication.tla}. What it was given and what it printed stays in
 * {@code target/model/<name>}.
 */
final class ModelRun {
    private static final Path MODULE = Path.of("src", "model", "Replication.tla");
    private static final Path DIRECTORY = Path.of("target", "model");
    private static final Pattern STATES =
            Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, \\d+ states left");
    private static final Pattern DEPTH = Pattern.compile("depth of the complete state graph search is (\\d+)");
    private static final String COMPLETED = "Model checking completed. No error has been found.";

    /** What TLC found. */
    record Result(int exitCode, String output, Duration time) {
        boolean isComplete() {
            return exitCode == 0 && output.contains(COMPLETED);
        }

        boolean violates(String invariant) {
            return exitCode != 0
                    && (output.contains("Invariant " + invariant + " is violated.")
                            || output.contains("Action property " + invariant + " is violated."));
        }

        long distinctStates() {
            var found = STATES.matcher(output);
            return found.find() ? Long.parseLong(found.group(2)) : 0;
        }

        /** States, depth and time, for people. */
        String summary() {
            var states = STATES.matcher(output);
            var depth = DEPTH.matcher(output);
            String searched = states.find()
                    ? states.group(2) + " states (" + states.group(1) + " generated)"
                    : "an unfinished search";
            return searched + (depth.find() ? ", depth " + depth.group(1) : "") + ", " + time.toSeconds() + " s";
        }
    }

    private final String name;
    private final ModelBounds bounds;
    private final ModelRules rules;
    private final List<String> invariants;
    private final Duration timeMax;

    ModelRun(String name, ModelBounds bounds, ModelRules rules, List<String> invariants, Duration timeMax) {
        this.name = name;
        this.bounds = bounds;
        this.rules = rules;
        this.invariants = invariants;
        this.timeMax = timeMax;
    }

    /** Searches all states within the bounds. */
    Result search() throws IOException, InterruptedException {
        return run(List.of("-fp", "0"));
    }

    /** Follows random paths. */
    Result simulate(int paths, int depth) throws IOException, InterruptedException {
        return run(List.of("-seed", "1", "-depth", String.valueOf(depth), "-simulate", "num=" + paths));
    }

    private Result run(List<String> mode) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(DIRECTORY.resolve(name));
        Files.copy(MODULE, directory.resolve("Replication.tla"), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(directory.resolve("Replication.cfg"), configuration());
        Path output = directory.resolve("output.txt");
        long startedNs = System.nanoTime();
        Process process = new ProcessBuilder(command(mode))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean hasEnded = process.waitFor(timeMax.toSeconds(), TimeUnit.SECONDS);
            return new Result(
                    hasEnded ? process.exitValue() : -1,
                    Files.readString(output),
                    Duration.ofNanos(System.nanoTime() - startedNs));
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> command(List<String> mode) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx3g",
                "-XX:+UseParallelGC",
                "-Djava.io.tmpdir=.",
                "-cp",
                checker().toString(),
                "tlc2.TLC",
                "-workers",
                "1",
                "-deadlock",
                "-metadir",
                "states"));
        command.addAll(mode);
        command.add("Replication.tla");
        return command;
    }

    /** Where the model checker lies. Fails where it is missing, so that no run without it can seem to succeed. */
    private static File checker() {
        try {
            return new File(Class.forName("tlc2.TLC")
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new IllegalStateException("TLC is not on the class path; run this with mvn -Pmodel", e);
        }
    }

    private String configuration() {
        return Stream.of(
                        "SPECIFICATION Spec",
                        "SYMMETRY Symmetry",
                        "VIEW Situation",
                        "INVARIANTS " + String.join(" ", invariants),
                        "PROPERTIES AcknowledgedOnlyGrows",
                        "CONSTANTS",
                        "Replicas = {r1, r2, r3}",
                        "None = None",
                        "MinInSync = 2",
                        "Policy = \"" + rules.policy() + "\"",
                        "Marker = \"" + rules.marker() + "\"",
                        "Broken = {"
                                + rules.broken().stream()
                                        .map(rule -> '"' + rule + '"')
                                        .collect(Collectors.joining(", "))
                                + "}",
                        "MaxRecords = " + bounds.records(),
                        "MaxLeaderEpoch = " + bounds.leaderEpochs(),
                        "MaxPartitionEpoch = " + bounds.partitionEpochs(),
                        "MaxControllerEpoch = " + bounds.controllerEpochs(),
                        "MaxCrashes = " + bounds.crashes())
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
