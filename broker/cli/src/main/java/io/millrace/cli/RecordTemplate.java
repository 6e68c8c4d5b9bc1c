package io.millrace.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How a record is printed: text with places for its parts, in the signs that kcat uses. Immutable.
 *
 * @param parts each prints its part of a record; what is null is printed as the text given
 */
record RecordTemplate(List<Part> parts) {
    static final String SIGNS =
            "%%s value, %%S its length, %%k key, %%K its length, %%h headers, %%t topic, %%p partition,"
                    + " %%o offset, %%T time in milliseconds since 1970, %%%% a per cent sign; \\n, \\r, \\t, \\\\";

    private static final int NO_BYTES = -1;

    /** A part of the output. */
    interface Part {
        String of(ReadRecord record, String whereNull);
    }

    private static final Map<Character, Part> PARTS = Map.of(
            's', (record, whereNull) -> ByteText.shown(record.value(), whereNull),
            'S', (record, whereNull) -> Integer.toString(length(record.value())),
            'k', (record, whereNull) -> ByteText.shown(record.key(), whereNull),
            'K', (record, whereNull) -> Integer.toString(length(record.key())),
            'h', RecordTemplate::headers,
            't', (record, whereNull) -> record.topic(),
            'p', (record, whereNull) -> Integer.toString(record.partition()),
            'o', (record, whereNull) -> Long.toString(record.offset()),
            'T', (record, whereNull) -> Long.toString(record.timestampMs()),
            '%', (record, whereNull) -> "%");

    private static final Map<Character, String> ESCAPES = Map.of('n', "\n", 'r', "\r", 't', "\t", '\\', "\\");

    /** Reads what the user typed. */
    static final class Converter implements ITypeConverter<RecordTemplate> {
        @Override
        public RecordTemplate convert(String value) {
            var parts = new ArrayList<Part>();
            for (int i = 0; i < value.length(); i++) {
                char sign = value.charAt(i);
                if (sign != '%' && sign != '\\') {
                    parts.add(text(String.valueOf(sign)));
                    continue;
                }
                char meant = ++i < value.length() ? value.charAt(i) : ' ';
                Part part = sign == '%' ? PARTS.get(meant) : escape(meant);
                if (part == null) {
                    throw new TypeConversionException("'" + sign + meant + "' at " + (i - 1) + " in '" + value
                            + "' is nothing that a record has; there are " + SIGNS.replace("%%", "%"));
                }
                parts.add(part);
            }
            return new RecordTemplate(List.copyOf(parts));
        }

        private static @Nullable Part escape(char meant) {
            String escaped = ESCAPES.get(meant);
            return escaped == null ? null : text(escaped);
        }

        private static Part text(String text) {
            return (record, whereNull) -> text;
        }
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? NO_BYTES : bytes.length;
    }

    private static String headers(ReadRecord record, String whereNull) {
        return record.headers().stream()
                .map(header -> header.key() + "=" + ByteText.shown(header.value(), whereNull))
                .collect(Collectors.joining(","));
    }

    String print(ReadRecord record, String whereNull) {
        return parts.stream().map(part -> part.of(record, whereNull)).collect(Collectors.joining());
    }
}
