package io.millrace.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured of each peer, row by row, and the medians with their ratios. Owned by one thread. */
final class FigureTable {
    /** The goal: at most half of the other's figure. */
    private static final double RATIO_MAX = 0.5;

    private final PrintStream out;
    /** By row, then by peer. */
    private final Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>();

    FigureTable(PrintStream out) {
        this.out = out;
    }

    void note(String row, String peer, double figure) {
        figures.computeIfAbsent(row, ignored -> new LinkedHashMap<>())
                .computeIfAbsent(peer, ignored -> new ArrayList<>())
                .add(figure);
        out.printf(Locale.ROOT, "%-72s %-20s %,10.1f%n", row, peer, figure);
    }

    /** Prints a Markdown table; a row that only one of the peers has is left out. */
    void print(String ours, String theirs) {
        out.println();
        out.println("| row | " + ours + " | " + theirs + " | ratio | at most half | all runs: " + ours + "; " + theirs
                + " |");
        out.println("|---|---|---|---|---|---|");
        figures.forEach((row, byPeer) -> {
            if (byPeer.containsKey(ours) && byPeer.containsKey(theirs)) {
                printRow(row, byPeer.get(ours), byPeer.get(theirs));
            }
        });
    }

    private void printRow(String row, List<Double> ours, List<Double> theirs) {
        double ratio = median(ours) / median(theirs);
        out.printf(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %.2f | %s | %s; %s |%n",
                row,
                median(ours),
                median(theirs),
                ratio,
                ratio <= RATIO_MAX ? "yes" : "**no**",
                list(ours),
                list(theirs));
    }

    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static String list(List<Double> values) {
        return String.join(
                ", ",
                Arrays.asList(values.stream()
                        .map(value -> String.format(Locale.ROOT, "%,.0f", value))
                        .toArray(String[]::new)));
    }
}
