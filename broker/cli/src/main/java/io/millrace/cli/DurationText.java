package io.millrace.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write and read them: {@code 90s}, {@code 15m}, {@code 1h30m}, {@code 2d}. */
final class DurationText {
    private DurationText() {}

    /** Reads what the user typed. */
    static final class Converter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            try {
                Duration duration = parse(value);
                if (!duration.isNegative()) {
                    return duration;
                }
            } catch (DateTimeException ignored) {
                // What is right is said below.
            }
            throw new TypeConversionException(
                    "'" + value + "' is no duration; write for example 90s, 15m, 1h30m or 2d");
        }
    }

    /**
     * Days stand before the T of a duration, everything else behind it.
     *
     * @throws DateTimeException where the text is no duration
     */
    static Duration parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        int days = upper.indexOf('D');
        String time = upper.substring(days + 1);
        return Duration.parse("P" + upper.substring(0, days + 1) + (time.isEmpty() ? "" : "T" + time));
    }

    /** In its two largest units, which is as exact as an age needs to be. */
    static String of(long ms) {
        Duration duration = Duration.ofMillis(Math.max(0, ms));
        if (duration.toDays() > 0) {
            return duration.toDays() + "d" + duration.toHoursPart() + "h";
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + "h" + duration.toMinutesPart() + "m";
        }
        return duration.toMinutes() > 0
                ? duration.toMinutes() + "m" + duration.toSecondsPart() + "s"
                : duration.toSeconds() + "s";
    }
}
