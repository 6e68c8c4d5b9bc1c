package io.millrace.samples.logcollection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogTableTest {
    private static final Instant TEN = Instant.parse("2026-01-31T10:00:00Z");

    private final LogTable table = new LogTable();

    @Test
    void linesAreCountedByMinuteAndLevelTheLatestMinuteFirst() {
        add(TEN, "2026-01-31 10:00:00,001 INFO  [org.example] (main) started");
        add(TEN.plusSeconds(59), "2026-01-31 10:00:59,001 INFO  [org.example] (main) served");
        add(TEN.plusSeconds(59), "2026-01-31 10:00:59,001 ERROR [org.example] (main) failed");
        add(TEN.plusSeconds(60), "2026-01-31 10:01:00,001 WARN  [org.example] (main) tired");

        assertThat(table.counts())
                .containsExactly(
                        new LogCount("2026-01-31T10:01:00Z", "WARN", 1),
                        new LogCount("2026-01-31T10:00:00Z", "ERROR", 1),
                        new LogCount("2026-01-31T10:00:00Z", "INFO", 2));
    }

    @Test
    void aLineWithoutALevelContinuesTheOneBefore() {
        add(TEN, "\tat org.example.Main.main(Main.java:1)");
        add(TEN, "");
        add(TEN, "the INFO desk is closed");

        assertThat(table.counts()).containsExactly(new LogCount("2026-01-31T10:00:00Z", "(continued)", 3));
    }

    @Test
    void theTableForgetsWhatIsOlderThanADay() {
        IntStream.range(0, 3_000).forEach(minute -> add(TEN.plus(Duration.ofMinutes(minute)), "x"));

        assertThat(table.counts()).hasSize(24 * 60);
        assertThat(table.counts().get(0).minute())
                .isEqualTo(TEN.plus(Duration.ofMinutes(2_999)).toString());
    }

    private void add(Instant time, String line) {
        table.add(line, time.toEpochMilli());
    }
}
