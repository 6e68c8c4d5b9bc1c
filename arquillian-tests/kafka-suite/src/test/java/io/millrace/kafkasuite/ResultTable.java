package io.millrace.kafkasuite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes what came of the tests, as a table of classes in Markdown, into the file that the system property {@code
 * kafka.suite.table} names; nothing without it. A test method counts once, however many times it ran: as failed where
 * one run failed, as not applicable where one was and none failed.
 *
 * <p>Owned by the thread of the test plan. The file is written anew after every method, so that a run that does not come to its end is
 * seen as far as it got.
 */
public final class ResultTable implements TestExecutionListener {
    private static final String FILE = System.getProperty("kafka.suite.table", "");
    private static final int FAILURE_LENGTH_MAX = 160;

    private final Map<String, Map<String, MethodResult>> classes = new TreeMap<>();
    private TestPlan plan;

    /** What came of one method; a later run never makes it better. */
    private record MethodResult(Verdict verdict, String reason) {
        static MethodResult worse(MethodResult left, MethodResult right) {
            return right.verdict.compareTo(left.verdict) > 0 ? right : left;
        }
    }

    private enum Verdict {
        PASSED,
        NOT_APPLICABLE,
        FAILED
    }

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionSkipped(TestIdentifier identifier, String reason) {
        note(identifier, new MethodResult(Verdict.NOT_APPLICABLE, reason));
        plan.getDescendants(identifier).stream()
                .filter(child -> plan.getParent(child).equals(Optional.of(identifier)))
                .forEach(child -> note(child, new MethodResult(Verdict.NOT_APPLICABLE, reason)));
        write();
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        if (identifier.isTest() || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            note(identifier, resultOf(result));
            write();
        }
    }

    private static MethodResult resultOf(TestExecutionResult result) {
        String reason = result.getThrowable().map(ResultTable::firstLine).orElse("");
        return switch (result.getStatus()) {
            case SUCCESSFUL -> new MethodResult(Verdict.PASSED, "");
            case ABORTED -> new MethodResult(Verdict.NOT_APPLICABLE, reason);
            case FAILED -> new MethodResult(Verdict.FAILED, reason);
        };
    }

    private static String firstLine(Throwable failure) {
        String text = failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage().strip().lines().findFirst().orElse("");
        return text.length() <= FAILURE_LENGTH_MAX ? text : text.substring(0, FAILURE_LENGTH_MAX) + "...";
    }

    private void note(TestIdentifier identifier, MethodResult result) {
        identifier
                .getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .ifPresent(method -> {
                    String className = method.getClassName().replace("org.apache.kafka.", "");
                    classes.computeIfAbsent(className, name -> new TreeMap<>())
                            .merge(method.getMethodName(), result, MethodResult::worse);
                });
    }

    private void write() {
        if (FILE.isEmpty()) {
            return;
        }
        var lines = new ArrayList<String>();
        lines.add("| class | passed | not applicable | failed |");
        lines.add("|---|---|---|---|");
        classes.forEach((name, methods) -> lines.add("| " + name + " | " + count(methods, Verdict.PASSED) + " | "
                + notApplicable(methods) + " | " + count(methods, Verdict.FAILED) + " |"));
        lines.add(sum());
        List<String> failures = failures();
        if (!failures.isEmpty()) {
            lines.add("");
            lines.addAll(failures);
        }
        try {
            Path file = Path.of(FILE);
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + FILE, e);
        }
    }

    private static long count(Map<String, MethodResult> methods, Verdict verdict) {
        return methods.values().stream()
                .filter(result -> result.verdict() == verdict)
                .count();
    }

    private static String notApplicable(Map<String, MethodResult> methods) {
        Map<String, Long> byReason = methods.values().stream()
                .filter(result -> result.verdict() == Verdict.NOT_APPLICABLE)
                .collect(Collectors.groupingBy(MethodResult::reason, TreeMap::new, Collectors.counting()));
        return byReason.isEmpty()
                ? "0"
                : byReason.entrySet().stream()
                        .map(entry -> entry.getValue() + " (" + entry.getKey() + ")")
                        .collect(Collectors.joining(", "));
    }

    private String sum() {
        return classes.values().stream()
                .flatMap(methods -> methods.values().stream())
                .collect(Collectors.groupingBy(MethodResult::verdict, Collectors.counting()))
                .entrySet()
                .stream()
                .collect(Collectors.collectingAndThen(
                        Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue),
                        sums -> "| **" + classes.size() + " classes** | **" + sums.getOrDefault(Verdict.PASSED, 0L)
                                + "** | **" + sums.getOrDefault(Verdict.NOT_APPLICABLE, 0L) + "** | **"
                                + sums.getOrDefault(Verdict.FAILED, 0L) + "** |"));
    }

    private List<String> failures() {
        var lines = new ArrayList<String>();
        classes.forEach((name, methods) -> methods.forEach((method, result) -> {
            if (result.verdict() == Verdict.FAILED) {
                lines.add("* " + name + "." + method + ": " + result.reason());
            }
        }));
        return lines;
    }
}
