package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationTextTest {
    @ParameterizedTest
    @CsvSource({"90s,PT90S", "15m,PT15M", "1h30m,PT1H30M", "2d,PT48H", "2D3H,PT51H"})
    void whatPeopleWriteIsRead(String written, Duration meant) {
        assertThat(new DurationText.Converter().convert(written)).isEqualTo(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "", "15", "-5m", "99999999999999999999d"})
    void whatIsNoDurationIsRefusedWithExamples(String written) {
        assertThatThrownBy(() -> new DurationText.Converter().convert(written))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage("'" + written + "' is no duration; write for example 90s, 15m, 1h30m or 2d");
    }

    @ParameterizedTest
    @CsvSource({"59999,59s", "61000,1m1s", "3660000,1h1m", "90000000,1d1h", "-5,0s"})
    void anAgeIsToldInItsTwoLargestUnits(long ms, String shown) {
        assertThat(DurationText.of(ms)).isEqualTo(shown);
    }

    @Test
    void whatIsToldCanBeReadAgain() {
        assertThat(DurationText.parse(DurationText.of(90_000_000))).isEqualTo(Duration.ofHours(25));
    }
}
