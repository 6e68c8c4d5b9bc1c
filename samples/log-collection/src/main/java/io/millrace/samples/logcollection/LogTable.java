package io.millrace.samples.logcollection;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines by minute and level, of the last day. */
@ApplicationScoped
public class LogTable {
    private static final int MINUTES_MAX = 24 * 60;
    private static final Pattern LEVEL = Pattern.compile("^\\S+ \\S+ +(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\\b");
    private static final String CONTINUATION = "(continued)";

    private final ConcurrentSkipListMap<String, Map<String, LongAdder>> minutes = new ConcurrentSkipListMap<>();

    public void add(String line, long timestampMs) {
        String minute = Instant.ofEpochMilli(timestampMs)
                .truncatedTo(ChronoUnit.MINUTES)
                .toString();
        minutes.computeIfAbsent(minute, ignored -> new ConcurrentSkipListMap<>())
                .computeIfAbsent(level(line), ignored -> new LongAdder())
                .increment();
        while (minutes.size() > MINUTES_MAX) {
            minutes.pollFirstEntry();
        }
    }

    /** The latest minute first. */
    public List<LogCount> counts() {
        return minutes.descendingMap().entrySet().stream()
                .flatMap(minute -> minute.getValue().entrySet().stream()
                        .map(level -> new LogCount(
                                minute.getKey(),
                                level.getKey(),
                                level.getValue().sum())))
                .toList();
    }

    private static String level(String line) {
        Matcher matcher = LEVEL.matcher(line);
        return matcher.find() ? matcher.group(1) : CONTINUATION;
    }
}
