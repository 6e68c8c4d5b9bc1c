package io.millrace.server.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How the text of a setting becomes a value, and in words what is legal. Immutable. */
public final class ValueType<T> {
    /** What kind of value it is, in the words of Kafka's DescribeConfigs. */
    public enum Kind {
        BOOLEAN(1),
        STRING(2),
        INT(3),
        LONG(5),
        DOUBLE(6),
        LIST(7),
        PASSWORD(9);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        /** Its number on the wire. */
        public byte code() {
            return code;
        }
    }

    private final Kind kind;
    private final String legal;
    private final Function<String, Optional<T>> parser;

    private ValueType(Kind kind, String legal, Function<String, Optional<T>> parser) {
        this.kind = kind;
        this.legal = legal;
        this.parser = parser;
    }

    public static ValueType<Integer> wholeNumber(int min, int max) {
        return new ValueType<>(Kind.INT, "a whole number from " + min + " to " + max, text -> number(text, min, max)
                .map(Long::intValue));
    }

    public static ValueType<Long> longNumber(long min, long max) {
        return new ValueType<>(Kind.LONG, "a whole number from " + min + " to " + max, text -> number(text, min, max));
    }

    public static ValueType<Boolean> flag() {
        return new ValueType<>(Kind.BOOLEAN, "true or false", text -> switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        });
    }

    public static ValueType<String> oneOf(String... choices) {
        List<String> legal = List.of(choices);
        return new ValueType<>(
                Kind.STRING,
                "one of " + String.join(", ", legal),
                text -> legal.contains(text) ? Optional.of(text) : Optional.empty());
    }

    /** Some of the choices, separated by commas; read in the order of the choices. */
    public static ValueType<String> someOf(String... choices) {
        List<String> legal = List.of(choices);
        return new ValueType<>(Kind.LIST, "one or more of " + String.join(", ", legal), text -> {
            List<String> given =
                    Stream.of(text.split(",", -1)).map(String::strip).toList();
            return legal.containsAll(given)
                    ? Optional.of(legal.stream().filter(given::contains).collect(Collectors.joining(",")))
                    : Optional.empty();
        });
    }

    public static ValueType<Double> decimal(double min, double max) {
        return new ValueType<>(Kind.DOUBLE, "a number from " + min + " to " + max, text -> {
            try {
                double value = Double.parseDouble(text);
                return min <= value && value <= max ? Optional.of(value) : Optional.empty();
            } catch (NumberFormatException ignored) { // the caller says what is legal
                return Optional.empty();
            }
        });
    }

    public static ValueType<String> text(String legal) {
        return new ValueType<>(Kind.STRING, legal, text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
    }

    public static ValueType<String> optionalText(String legal) {
        return new ValueType<>(Kind.STRING, legal, Optional::of);
    }

    /** Any text, which no message repeats. */
    public static ValueType<Secret> secret() {
        return new ValueType<>(Kind.PASSWORD, "a secret, or empty", text -> Optional.of(new Secret(text)));
    }

    /** Comma-separated endpoints; an empty text is an empty list. */
    public static ValueType<List<Endpoint>> endpoints(String legal) {
        return new ValueType<>(Kind.LIST, legal, ValueType::parseEndpoints);
    }

    Optional<T> parse(String text) {
        return parser.apply(text);
    }

    public Kind kind() {
        return kind;
    }

    public String legal() {
        return legal;
    }

    private static Optional<Long> number(String text, long min, long max) {
        try {
            long value = Long.parseLong(text);
            return min <= value && value <= max ? Optional.of(value) : Optional.empty();
        } catch (NumberFormatException ignored) { // the caller says what is legal
            return Optional.empty();
        }
    }

    private static Optional<List<Endpoint>> parseEndpoints(String text) {
        var endpoints = new ArrayList<Endpoint>();
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            Optional<Endpoint> endpoint = Endpoint.parse(part.strip());
            if (endpoint.isEmpty()) {
                return Optional.empty();
            }
            endpoints.add(endpoint.get());
        }
        return Optional.of(List.copyOf(endpoints));
    }
}
