package io.millrace.samples.metrics;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The last hour of each metric, by minute. Safe for threads. */
@ApplicationScoped
public class MetricsTable {
    static final int MINUTES_MAX = 60;
    /** Readings of further metrics are left out. */
    static final int METRICS_MAX = 1_000;

    private static final long MINUTE_MS = 60_000;

    private final TreeMap<String, TreeMap<Long, DoubleSummaryStatistics>> metrics = new TreeMap<>();

    public synchronized void add(Reading reading, long timestampMs) {
        if (metrics.size() >= METRICS_MAX && !metrics.containsKey(reading.key())) {
            return;
        }
        TreeMap<Long, DoubleSummaryStatistics> minutes =
                metrics.computeIfAbsent(reading.key(), ignored -> new TreeMap<>());
        minutes.computeIfAbsent(timestampMs / MINUTE_MS, ignored -> new DoubleSummaryStatistics())
                .accept(reading.getValue());
        while (minutes.size() > MINUTES_MAX) {
            minutes.pollFirstEntry();
        }
    }

    /** The minutes of each metric, the earliest first, by host and metric. */
    public synchronized SortedMap<String, List<MinuteSummary>> summaries() {
        var summaries = new TreeMap<String, List<MinuteSummary>>();
        metrics.forEach((key, minutes) -> summaries.put(
                key, minutes.entrySet().stream().map(MetricsTable::summary).toList()));
        return summaries;
    }

    private static MinuteSummary summary(Map.Entry<Long, DoubleSummaryStatistics> minute) {
        DoubleSummaryStatistics readings = minute.getValue();
        return new MinuteSummary(
                Instant.ofEpochMilli(minute.getKey() * MINUTE_MS).toString(),
                readings.getCount(),
                readings.getMin(),
                readings.getAverage(),
                readings.getMax());
    }
}
