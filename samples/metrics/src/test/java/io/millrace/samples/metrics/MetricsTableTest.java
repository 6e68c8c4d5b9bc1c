package io.millrace.samples.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricsTableTest {
    private static final long MINUTE = 60_000;

    private final MetricsTable table = new MetricsTable();

    @Test
    void readingsAreSummedUpByMetricAndMinute() {
        add("threads", 10, 0);
        add("threads", 20, MINUTE - 1);
        add("threads", 7, MINUTE);
        add("heap", 1, MINUTE);

        assertThat(table.summaries()).containsOnlyKeys("a/heap", "a/threads");
        assertThat(table.summaries().get("a/threads"))
                .containsExactly(
                        new MinuteSummary("1970-01-01T00:00:00Z", 2, 10, 15, 20),
                        new MinuteSummary("1970-01-01T00:01:00Z", 1, 7, 7, 7));
    }

    @Test
    void anHourIsKept() {
        IntStream.range(0, 100).forEach(minute -> add("threads", minute, minute * MINUTE));

        assertThat(table.summaries().get("a/threads")).hasSize(MetricsTable.MINUTES_MAX);
        assertThat(table.summaries().get("a/threads").get(0).min()).isEqualTo(40);
    }

    @Test
    void inventedMetricsDoNotFillTheMemory() {
        IntStream.range(0, MetricsTable.METRICS_MAX + 5).forEach(i -> add("metric-" + i, i, 0));
        add("metric-0", 2, 0);

        assertThat(table.summaries()).hasSize(MetricsTable.METRICS_MAX);
        assertThat(table.summaries().get("a/metric-0").get(0).readings()).isEqualTo(2);
    }

    @Test
    void aReadingWithoutANumberIsNotUsable() {
        assertThat(new Reading("a", "threads", 1).isUsable()).isTrue();
        assertThat(new Reading("a", "threads", Double.NaN).isUsable()).isFalse();
        assertThat(new Reading("a", null, 1).isUsable()).isFalse();
        assertThat(new Reading(null, "threads", 1).isUsable()).isFalse();
    }

    @Test
    void thePlatformTellsOfItself() {
        assertThat(ServerMetrics.read()).containsKeys("heap.used.mib", "threads", "gc.time.ms");
        assertThat(ServerMetrics.read().get("threads")).isPositive();
    }

    private void add(String metric, double value, long timestampMs) {
        table.add(new Reading("a", metric, value), timestampMs);
    }
}
