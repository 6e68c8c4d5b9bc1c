package io.millrace.selector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Random selectors against their meaning, put together beside their text.
 *
 * <p>In the oracle, false is -1, unknown 0 and true 1: AND is the least, OR the greatest, NOT the opposite.
 */
class SelectorProperties {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final Pattern SPECIAL = Pattern.compile("[\\\\^$.|?*+()\\[\\]{}]");

    /** A message and what a condition is for it. */
    record Condition(String text, Function<Map<String, Object>, Integer> meaning) {}

    /** A number or null. */
    record Operand(String text, Function<Map<String, Object>, Long> meaning) {}

    @Property(tries = 3_000)
    void aSelectorMatchesWhatItsMeaningSays(
            @ForAll("conditions") Condition condition, @ForAll("messages") Map<String, Object> message)
            throws InvalidSelectorSyntaxException {
        MessageSelector selector = MessageSelector.parse(condition.text());
        MessageSelector negated = MessageSelector.parse("NOT (" + condition.text() + ")");

        int expected = condition.meaning().apply(message);

        assertThat(selector.matches(message::get)).isEqualTo(expected == 1);
        assertThat(negated.matches(message::get)).isEqualTo(expected == -1);
    }

    @Property(tries = 3_000)
    void aPatternMatchesWhatTheSameRegularExpressionMatches(
            @ForAll("patterns") String pattern, @ForAll("patternTexts") String text) {
        String expression =
                SPECIAL.matcher(pattern).replaceAll("\\\\$0").replace("%", ".*").replace('_', '.');

        boolean expected =
                Pattern.compile(expression, Pattern.DOTALL).matcher(text).matches();

        assertThat(LikePattern.of(pattern, -1).matches(text)).isEqualTo(expected);
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars('a', 'b', '_', '%', '.', '\n').ofMaxLength(10);
    }

    @Provide
    Arbitrary<String> patternTexts() {
        return Arbitraries.strings().withChars('a', 'b', '.', '\n').ofMaxLength(14);
    }

    @Provide
    Arbitrary<Map<String, Object>> messages() {
        Arbitrary<Object> values = Arbitraries.oneOf(
                Arbitraries.integers().between(-3, 3).map(value -> value),
                Arbitraries.longs().between(-3, 3).map(value -> value),
                Arbitraries.of("x", "y", "1"),
                Arbitraries.of(true, false));
        return Arbitraries.maps(Arbitraries.of(NAMES), values).ofMaxSize(3);
    }

    @Provide
    Arbitrary<Condition> conditions() {
        return conditions(4);
    }

    private static Arbitrary<Condition> conditions(int depth) {
        Arbitrary<Condition> simple = Arbitraries.oneOf(comparisons(), betweens(), ofStrings(), nullChecks(), names());
        if (depth == 0) {
            return simple;
        }
        Arbitrary<Condition> smaller = Arbitraries.lazy(() -> conditions(depth - 1));
        Arbitrary<Condition> joined = Combinators.combine(smaller, Arbitraries.of("AND", "or"), smaller)
                .as((left, word, right) -> new Condition(
                        "(" + left.text() + ") " + word + " (" + right.text() + ")",
                        message -> word.equals("AND")
                                ? Math.min(
                                        left.meaning().apply(message),
                                        right.meaning().apply(message))
                                : Math.max(
                                        left.meaning().apply(message),
                                        right.meaning().apply(message))));
        Arbitrary<Condition> negated = smaller.map(operand -> new Condition(
                "not (" + operand.text() + ")", message -> -operand.meaning().apply(message)));
        return Arbitraries.oneOf(simple, joined, joined, negated);
    }

    private static Arbitrary<Condition> comparisons() {
        return Combinators.combine(sums(), Arbitraries.of("=", "<>", "<", "<=", ">", ">="), sums())
                .as((left, symbol, right) -> new Condition(
                        left.text() + " " + symbol + " " + right.text(),
                        message -> truth(compare(
                                left.meaning().apply(message),
                                symbol,
                                right.meaning().apply(message)))));
    }

    private static Boolean compare(Long left, String symbol, Long right) {
        if (left == null || right == null) {
            return null;
        }
        return switch (symbol) {
            case "=" -> left.longValue() == right;
            case "<>" -> left.longValue() != right;
            case "<" -> left < right;
            case "<=" -> left <= right;
            case ">" -> left > right;
            default -> left >= right;
        };
    }

    private static Arbitrary<Condition> betweens() {
        return Combinators.combine(sums(), sums(), sums())
                .as((value, low, high) ->
                        new Condition(value.text() + " BETWEEN " + low.text() + " AND " + high.text(), message -> {
                            Long middle = value.meaning().apply(message);
                            return Math.min(
                                    truth(compare(middle, ">=", low.meaning().apply(message))),
                                    truth(compare(middle, "<=", high.meaning().apply(message))));
                        }));
    }

    private static Arbitrary<Condition> ofStrings() {
        Arbitrary<Condition> in = Arbitraries.of(NAMES)
                .map(name -> new Condition(name + " IN ('x', '1')", message -> ofValue(message.get(name), "x1")));
        Arbitrary<Condition> like = Arbitraries.of(NAMES)
                .map(name -> new Condition(name + " LIKE '_'", message -> ofValue(message.get(name), "xy1")));
        Arbitrary<Condition> equal = Arbitraries.of(NAMES)
                .map(name -> new Condition("'y' = " + name, message -> ofValue(message.get(name), "y")));
        return Arbitraries.oneOf(in, like, equal);
    }

    private static int ofValue(Object value, String strings) {
        return truth(value == null ? null : (Boolean) (value instanceof String text && strings.contains(text)));
    }

    private static Arbitrary<Condition> nullChecks() {
        return Arbitraries.of(NAMES)
                .map(name -> new Condition(name + " IS NULL", message -> message.containsKey(name) ? -1 : 1));
    }

    private static Arbitrary<Condition> names() {
        return Arbitraries.of(NAMES)
                .map(name ->
                        new Condition(name, message -> message.get(name) instanceof Boolean value ? truth(value) : 0));
    }

    private static int truth(Boolean value) {
        return value == null ? 0 : value ? 1 : -1;
    }

    /** Always calculations, as a lone identifier of another type is compared as what it is. */
    private static Arbitrary<Operand> sums() {
        return Combinators.combine(operands(), Arbitraries.of("+", "-", "*"), operands())
                .as((left, symbol, right) -> new Operand(
                        "(" + left.text() + symbol + right.text() + ")",
                        message -> calculate(
                                left.meaning().apply(message),
                                symbol,
                                right.meaning().apply(message))));
    }

    private static Long calculate(Long left, String symbol, Long right) {
        if (left == null || right == null) {
            return null;
        }
        return symbol.equals("+") ? left + right : symbol.equals("-") ? Long.valueOf(left - right) : left * right;
    }

    private static Arbitrary<Operand> operands() {
        Arbitrary<Operand> numbers = Arbitraries.longs()
                .between(-3, 3)
                .map(number -> new Operand("(" + number + (number == 2 ? ".0" : "") + ")", message -> number));
        Arbitrary<Operand> names = Arbitraries.of(NAMES)
                .map(name -> new Operand(
                        name, message -> message.get(name) instanceof Number value ? (Long) value.longValue() : null));
        return Arbitraries.oneOf(numbers, names);
    }
}
