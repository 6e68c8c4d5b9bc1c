package io.millrace.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Bytes per second as people write them: {@code 20MB/s}, {@code 512KiB/s}, {@code 1000000}. */
final class ByteRate implements ITypeConverter<Long> {
    private static final Pattern RATE =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)\\s*([KMG]?)(I?)B?(?:/S)?", Pattern.CASE_INSENSITIVE);

    @Override
    public Long convert(String text) {
        Matcher rate = RATE.matcher(text.trim());
        if (rate.matches()) {
            int step = rate.group(3).isEmpty() ? 1_000 : 1_024;
            int power = " KMG".indexOf(rate.group(2).toUpperCase(Locale.ROOT));
            long bytes = (long) (Double.parseDouble(rate.group(1))
                    * Math.pow(step, rate.group(2).isEmpty() ? 0 : power));
            if (bytes > 0) {
                return bytes;
            }
        }
        throw new TypeConversionException(
                "'" + text + "' is no rate; write for example 20MB/s, 512KiB/s or 1000000 (bytes per second)");
    }

    /** A number of bytes with a unit that keeps it short. */
    static String text(long bytes) {
        return text((double) bytes);
    }

    private static String text(double bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }
}
