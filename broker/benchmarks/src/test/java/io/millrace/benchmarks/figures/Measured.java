package io.millrace.benchmarks.figures;

import java.util.List;

/**
 * What one pass of a row has shown.
 *
 * @param cpuSeconds that the brokers have used, for each million of what was counted, or for each one where the row says so
 */
public record Measured(List<Figure> figures, double cpuSeconds) {
    /**
     * @param what is told, with its unit, as in {@code p99 ms}
     * @param isMoreBetter false for times
     */
    public record Figure(String what, double value, boolean isMoreBetter) {
        public static Figure rate(String what, double perSecond) {
            return new Figure(what, perSecond, true);
        }

        public static Figure millis(String what, double millis) {
            return new Figure(what, millis, false);
        }
    }
}
