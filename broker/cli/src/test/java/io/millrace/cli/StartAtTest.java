package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class StartAtTest {
    private final StartAt.Converter converter = new StartAt.Converter();

    @Test
    void wordsOffsetsAndInstantsArePlacesToStart() {
        assertThat(converter.convert("beginning")).isEqualTo(new StartAt.Beginning());
        assertThat(converter.convert("end")).isEqualTo(new StartAt.End());
        assertThat(converter.convert("42")).isEqualTo(new StartAt.Offset(42));
        assertThat(converter.convert("2026-01-31T12:00:00Z"))
                .isEqualTo(new StartAt.Time(Instant.parse("2026-01-31T12:00:00Z")));
        assertThat(converter.convert("@1700000000000"))
                .isEqualTo(new StartAt.Time(Instant.ofEpochMilli(1_700_000_000_000L)));
    }

    @Test
    void aTimeAgoIsCountedFromNow() {
        StartAt.Time start = (StartAt.Time) converter.convert("-1h30m");

        assertThat(start.instant())
                .isCloseTo(Instant.now().minus(Duration.ofMinutes(90)), within(10, ChronoUnit.SECONDS));
    }

    @Test
    void daysAgoAreCountedToo() {
        StartAt.Time days = (StartAt.Time) converter.convert("-2d");
        StartAt.Time more = (StartAt.Time) converter.convert("-1d12h");

        assertThat(days.instant()).isCloseTo(Instant.now().minus(Duration.ofDays(2)), within(10, ChronoUnit.SECONDS));
        assertThat(more.instant()).isCloseTo(Instant.now().minus(Duration.ofHours(36)), within(10, ChronoUnit.SECONDS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "-5", "now", "12a", "2026-01-31", "@", "@x", "-1x"})
    void anythingElseIsRefusedWithWhatIsRight(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("-10m");
    }
}
