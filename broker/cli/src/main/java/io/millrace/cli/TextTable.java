package io.millrace.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows under headings, each column as wide as its widest cell; columns of numbers stand to the right. */
final class TextTable {
    private static final String GAP = "  ";
    private static final Pattern NUMBER = Pattern.compile("-|[-+]?[0-9][0-9.,%]*");

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    TextTable(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row; what is null is shown as a dash. */
    TextTable row(@Nullable Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalStateException("a row of " + cells.length + " cells under " + headings);
        }
        var row = new ArrayList<String>();
        for (Object cell : cells) {
            row.add(cell == null || cell.toString().isEmpty() ? "-" : cell.toString());
        }
        rows.add(row);
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(PrintWriter out) {
        out.println(line(headings));
        rows.forEach(row -> out.println(line(row)));
    }

    private String line(List<String> cells) {
        var line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(width(column) - cell.length());
            boolean toTheRight = isNumeric(column);
            line.append(column == 0 ? "" : GAP)
                    .append(toTheRight ? padding : "")
                    .append(cell)
                    .append(toTheRight ? "" : padding);
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        return rows.stream()
                .mapToInt(row -> row.get(column).length())
                .reduce(headings.get(column).length(), Math::max);
    }

    private boolean isNumeric(int column) {
        return rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
    }
}
