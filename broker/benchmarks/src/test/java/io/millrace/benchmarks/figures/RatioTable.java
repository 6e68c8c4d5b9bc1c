package io.millrace.benchmarks.figures;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was measured of each peer, row by row, and the medians with their ratios to the first peer. Owned by one thread. */
public final class RatioTable {
    private final PrintStream out;
    private final List<String> peers;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    /** A line of the table: of one peer what each round has shown, or that a round has failed. */
    private static final class Row {
        private final boolean isMoreBetter;
        private final Map<String, List<Double>> figures = new HashMap<>();
        private final Map<String, List<Double>> cpuSeconds = new HashMap<>();

        Row(boolean isMoreBetter) {
            this.isMoreBetter = isMoreBetter;
        }
    }

    public RatioTable(PrintStream out, List<String> peers) {
        this.out = out;
        this.peers = List.copyOf(peers);
    }

    public void note(String scenario, String peer, Measured measured) {
        for (Measured.Figure figure : measured.figures()) {
            Row row = rows.computeIfAbsent(scenario + ", " + figure.what(), ignored -> new Row(figure.isMoreBetter()));
            row.figures.computeIfAbsent(peer, ignored -> new ArrayList<>()).add(figure.value());
            row.cpuSeconds.computeIfAbsent(peer, ignored -> new ArrayList<>()).add(measured.cpuSeconds());
            out.printf(
                    Locale.ROOT,
                    "%-85s %-20s %14s  CPU s %.3f%n",
                    scenario + ", " + figure.what(),
                    peer,
                    text(figure.value()),
                    measured.cpuSeconds());
        }
    }

    /** The peer has no figure in this scenario, whatever other rounds have shown. */
    public void failed(String scenario, String peer, String reason) {
        failures.add(scenario + ", " + peer + ": " + reason);
        out.println("FAILED: " + scenario + ", " + peer + ": " + reason);
    }

    public boolean hasFailures() {
        return !failures.isEmpty();
    }

    public void print() {
        out.println();
        String others = peers.stream().skip(1).map(peer -> peer + " | ratio").collect(Collectors.joining(" | "));
        out.println("| row | " + peers.get(0) + " | " + others + " | ahead | broker CPU s per million: " + peers.get(0)
                + " | " + others + " |");
        out.println("|---".repeat(peers.size() * 4 + 1) + "|");
        rows.forEach(this::print);
        out.println();
        rows.forEach((name, row) -> out.println(name + ": " + rounds(row)));
        failures.forEach(failure -> out.println("FAILED: " + failure));
    }

    private void print(String name, Row row) {
        out.println("| " + name + " | " + cells(name, row.figures) + " | " + verdict(name, row) + " | "
                + cells(name, row.cpuSeconds) + " |");
    }

    private String cells(String row, Map<String, List<Double>> values) {
        double ours = median(row, peers.get(0), values);
        var cells = new ArrayList<String>();
        cells.add(cell(row, peers.get(0), ours));
        for (String peer : peers.subList(1, peers.size())) {
            double theirs = median(row, peer, values);
            cells.add(cell(row, peer, theirs));
            cells.add(Double.isNaN(ours / theirs) ? "–" : String.format(Locale.ROOT, "%.2f", ours / theirs));
        }
        return String.join(" | ", cells);
    }

    private String cell(String row, String peer, double median) {
        return Double.isNaN(median) ? hasFailed(row, peer) ? "failed" : "–" : text(median);
    }

    private boolean hasFailed(String row, String peer) {
        return failures.stream().anyMatch(failure -> {
            int scenarioEnd = failure.indexOf(", " + peer + ": ");
            return scenarioEnd > 0 && row.startsWith(failure.substring(0, scenarioEnd));
        });
    }

    /** NaN where there is no figure, or a round has failed. */
    private double median(String row, String peer, Map<String, List<Double>> values) {
        double[] sorted = values.getOrDefault(peer, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        if (sorted.length == 0 || hasFailed(row, peer)) {
            return Double.NaN;
        }
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private String verdict(String name, Row row) {
        double ours = median(name, peers.get(0), row.figures);
        double[] theirs = peers.stream()
                .skip(1)
                .mapToDouble(peer -> median(name, peer, row.figures))
                .filter(value -> !Double.isNaN(value))
                .toArray();
        boolean isAhead = !Double.isNaN(ours)
                && Arrays.stream(theirs).allMatch(value -> row.isMoreBetter ? ours >= value : ours <= value);
        return isAhead ? "yes" : "**no**";
    }

    private String rounds(Row row) {
        return peers.stream()
                .filter(row.figures::containsKey)
                .map(peer -> peer + " "
                        + row.figures.get(peer).stream().map(RatioTable::text).collect(Collectors.joining("; ")))
                .collect(Collectors.joining(" | "));
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, value < 1000 ? "%,.2f" : "%,.0f", value);
    }
}
