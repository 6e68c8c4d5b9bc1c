package io.millrace.cli;

import java.time.DateTimeException;
import java.time.Instant;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Where reading starts: {@code beginning}, {@code end}, an offset, an instant, {@code @} and milliseconds since 1970, or a time before now such
 * as {@code -10m} or {@code -2d}.
 */
sealed interface StartAt {
    record Beginning() implements StartAt {}

    record End() implements StartAt {}

    record Offset(long offset) implements StartAt {}

    record Time(Instant instant) implements StartAt {}

    /** Reads what the user typed. */
    final class Converter implements ITypeConverter<StartAt> {
        @Override
        public StartAt convert(String value) {
            return switch (value) {
                case "beginning" -> new Beginning();
                case "end" -> new End();
                default -> value.matches("[0-9]+") ? offset(value) : time(value);
            };
        }

        private static StartAt offset(String value) {
            try {
                return new Offset(Long.parseLong(value));
            } catch (NumberFormatException e) {
                throw new TypeConversionException(value + " is no offset; the largest is " + Long.MAX_VALUE);
            }
        }

        private static StartAt time(String value) {
            try {
                if (value.startsWith("-")) {
                    return new Time(Instant.now().minus(DurationText.parse(value.substring(1))));
                }
                if (value.matches("@[0-9]{1,18}")) {
                    return new Time(Instant.ofEpochMilli(Long.parseLong(value.substring(1))));
                }
                return new Time(Instant.parse(value));
            } catch (DateTimeException e) {
                throw new TypeConversionException("'" + value
                        + "' is no place to start; use beginning, end, an offset, an instant such as"
                        + " 2026-01-31T12:00:00Z, @ and milliseconds since 1970, or a time ago such as -10m");
            }
        }
    }
}
