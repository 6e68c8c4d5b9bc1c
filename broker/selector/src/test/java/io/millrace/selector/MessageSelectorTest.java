package io.millrace.selector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 3.8.1 of Jakarta Messaging 3.1, as expressions and what they match. */
class MessageSelectorTest {
    private static final Map<String, Object> MESSAGE = message();

    private static Map<String, Object> message() {
        Map<String, Object> message = new HashMap<>();
        message.put("JMSDeliveryMode", "PERSISTENT");
        message.put("JMSPriority", 4);
        message.put("JMSMessageID", "ID:1");
        message.put("JMSTimestamp", 1_700_000_000_000L);
        message.put("JMSType", "car");
        message.put("JMSXGroupID", "g");
        message.put("JMS_Other_x", 1);
        message.put("t", true);
        message.put("f", false);
        message.put("by", (byte) 5);
        message.put("sh", (short) 5);
        message.put("i", 5);
        message.put("l", 5L);
        message.put("fl", 1.1f);
        message.put("d", 1.1d);
        message.put("nan", Double.NaN);
        message.put("zero", 0);
        message.put("intMax", Integer.MAX_VALUE);
        message.put("longMax", Long.MAX_VALUE);
        message.put("s", "blue");
        message.put("five", "5");
        message.put("quoted", "it's");
        message.put("phone", "12993");
        message.put("word", "lose");
        message.put("underscored", "_foo");
        message.put("percent", "50%");
        message.put("lines", "a\nb");
        message.put("smile", "a\ud83d\ude00b");
        message.put("empty", "");
        message.put("$weird_Name1", 1);
        message.put("\u00fcber", 1);
        message.put("android", true);
        return message;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Literals
                "quoted = 'it''s'",
                "empty = ''",
                "i = 5",
                "i = 0x5 and i = 0X0005",
                "i = 05 AND 010 = 8",
                "i = 0b101",
                "i = 5L and i = 5l",
                "1_000 = 1000",
                "0xFFFFFFFF = 4294967295",
                "0x7fff_ffff_ffff_ffffL = longMax",
                "longMax = 9223372036854775807",
                "-9223372036854775808 < 0",
                "- 9223372036854775808 < -9223372036854775807",
                "7E3 = 7000 and -57.9E2 = -5790",
                "7. = 7 AND -95.7 < -95 AND +6.2 > 6",
                ".5 = 0.5 and 5e-1 = .5 and 5.E+1 = 50",
                "0x1.8p1 = 3 and 0x1p-2 = 0.25",
                "1.5d = 1.5F AND 2f = 2D",
                "TRUE and true and TrUe",
                "NOT FALSE",
                "0e0 = 0 and 0.0f = 0 and 0x0p5 = 0 and 0 = 00",
                // Identifiers
                "$weird_Name1 = 1",
                "\u00fcber = 1",
                "android",
                "JMSXGroupID = 'g'",
                "JMS_Other_x = 1",
                "jmspriority IS NULL",
                // Header fields
                "JMSDeliveryMode = 'PERSISTENT'",
                "JMSPriority >= 4",
                "JMSMessageID = 'ID:1'",
                "JMSTimestamp = 1700000000000",
                "JMSType = 'car'",
                "JMSCorrelationID IS NULL",
                // Comparison
                "i = 5.0 and l = 5 and by = 5 and sh = 5",
                "i <> 6 and i < 6 and i <= 5 and i > 4 and i >= 5",
                "i<6",
                "d = 1.1",
                "fl <> 1.1",
                "fl = 1.1f",
                "s = 'blue' and s <> 'Blue' and s <> 'blue '",
                "t = TRUE and t <> f",
                "t",
                "nan <> nan",
                "0.0 = -0.0",
                "(i = 5) = TRUE",
                // Unlike types: false, and NOT of it true
                "NOT (five = 5)",
                "NOT (five <> 5)",
                "NOT (five > 4)",
                "NOT (s > word)",
                "NOT (t = 'true')",
                "NOT (f < i)",
                // Arithmetic
                "i + 1 = 6 and i - 1 = 4 and i * 2 = 10 and i / 2 = 2",
                "i / 2.0 = 2.5",
                "1 + 2 * 3 = 7",
                "(1 + 2) * 3 = 9",
                "10 - 3 - 2 = 5",
                "100 / 10 / 5 = 2",
                "-i = -5 and - -i = 5 and +i = 5 and i = --5",
                "i-1 = 4",
                "1e1-2=8",
                "intMax + 1 < 0",
                "intMax + 1L > 0",
                "longMax + 1 < 0",
                "by + 123 = 128",
                "1.0 / 0 > longMax",
                "fl * 2 = 2.2f",
                // BETWEEN
                "i BETWEEN 5 AND 5",
                "i between 4.5 and 5 + 1 AND t",
                "i NOT BETWEEN 6 AND 7",
                "i NOT BETWEEN 5 + 1 AND 4",
                "NOT (five BETWEEN 1 AND 9)",
                "NOT (five NOT BETWEEN 1 AND 9)",
                // IN
                "s IN ('red', 'blue')",
                "s IN('blue')",
                "s NOT IN ('red')",
                "NOT i IN ('5')",
                "i NOT IN ('5')",
                // LIKE
                "phone LIKE '12%3'",
                "word LIKE 'l_se'",
                "word NOT LIKE 'l_e'",
                "underscored LIKE '\\_%' ESCAPE '\\'",
                "percent LIKE '50!%' escape '!'",
                "percent LIKE '50%%' escape '%'",
                "lines LIKE 'a_b'",
                "smile LIKE 'a_b'",
                "empty LIKE '' and empty LIKE '%' and empty NOT LIKE '_'",
                "s LIKE '%ue' and s LIKE 'bl%' and s LIKE '%l%' and s LIKE '%' and s LIKE '____'",
                "s LIKE '%b%l%u%e%' and s NOT LIKE '%e%b%'",
                "s LIKE 'blue' and s NOT LIKE 'BLUE'",
                "NOT i LIKE '5'",
                // IS NULL
                "gone IS NULL",
                "s IS NOT NULL",
                "s is not null",
                // Precedence and three values
                "f AND f OR t",
                "t OR t AND f",
                "NOT f AND t",
                "NOT i = 6",
                "t OR gone = 1",
                "gone = 1 OR t",
                "NOT (f AND gone = 1)",
                "NOT (gone = 1 AND f)",
                "(((t)))",
                "t\tAND\r\nt\fAND t",
                "JMSType = 'car' AND s = 'blue' AND i > 2",
                "NOT NOT t"
            })
    void whatIsTrueMatches(String selector) throws InvalidSelectorSyntaxException {
        assertThat(matches(selector)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FALSE",
                "f",
                "i = 6",
                "five = 5",
                "five <> 5",
                "five > 4",
                "s < word",
                "fl = 1.1",
                "nan = nan",
                "s LIKE 'lu'",
                "s = 'BLUE'",
                "'a' = 1",
                "TRUE = 1",
                "gone IS NOT NULL",
                "s IS NULL",
                "empty IS NULL"
            })
    void whatIsFalseDoesNotMatchButItsNegationDoes(String selector) throws InvalidSelectorSyntaxException {
        assertThat(matches(selector)).isFalse();
        assertThat(matches("NOT (" + selector + ")")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gone",
                "gone = 1",
                "gone <> 1",
                "1 = gone",
                "gone = gone",
                "gone = 'x'",
                "gone = TRUE",
                "gone > 1",
                "gone + 1 = 2",
                "1 + gone = 2",
                "-gone = 1",
                "gone BETWEEN 1 AND 2",
                "i BETWEEN gone AND 9",
                "i BETWEEN 1 AND gone",
                "i NOT BETWEEN gone AND 9",
                "gone IN ('a')",
                "gone NOT IN ('a')",
                "gone LIKE '%'",
                "gone NOT LIKE '%'",
                "t AND gone = 1",
                "gone = 1 AND t",
                "f OR gone = 1",
                "gone = 1 AND gone = 2",
                "gone = 1 OR gone = 2",
                "(gone = 1) = TRUE",
                // No value either
                "s",
                "i",
                "s AND t",
                "five + 1 = 6",
                "-five = 5",
                "i / zero = 1",
                "l / 0 = 1"
            })
    void whatIsUnknownMatchesNeitherWayRound(String selector) throws InvalidSelectorSyntaxException {
        assertThat(matches(selector)).isFalse();
        assertThat(matches("NOT (" + selector + ")")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "i BETWEEN 6 AND gone, false",
        "i BETWEEN gone AND 4, false",
        "i NOT BETWEEN 6 AND gone, true",
        "i NOT BETWEEN gone AND 4, true"
    })
    void aBoundThatIsMissingDoesNotMatterWhereTheOtherDecides(String selector, boolean expected)
            throws InvalidSelectorSyntaxException {
        assertThat(matches(selector)).isEqualTo(expected);
        assertThat(matches("NOT (" + selector + ")")).isEqualTo(!expected);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "\t\n"})
    void noTextIsNoSelector(String text) throws InvalidSelectorSyntaxException {
        MessageSelector selector = MessageSelector.parse(text);

        assertThat(selector.isAll()).isTrue();
        assertThat(selector.identifiers()).isEmpty();
        assertThat(selector.matches(identifier -> {
                    throw new AssertionError("nothing needs to be read");
                }))
                .isTrue();
    }

    @Test
    void aSelectorKnowsItsIdentifiersAndItsText() throws InvalidSelectorSyntaxException {
        MessageSelector selector = MessageSelector.parse("a = 1 AND JMSType LIKE 'b' OR NOT a = c");

        assertThat(selector.identifiers()).containsExactlyInAnyOrder("a", "JMSType", "c");
        assertThat(selector.text()).isEqualTo("a = 1 AND JMSType LIKE 'b' OR NOT a = c");
        assertThat(selector.isAll()).isFalse();
        assertThat(selector).isEqualTo(MessageSelector.parse(selector.text()));
        assertThat(selector).isNotEqualTo(MessageSelector.parse("a = 1"));
    }

    @Test
    void whatCannotChangeTheAnswerIsNotRead() throws InvalidSelectorSyntaxException {
        MessageSelector selector = MessageSelector.parse("a = 1 AND b = 2");

        boolean matches = selector.matches(identifier -> {
            assertThat(identifier).isEqualTo("a");
            return 2;
        });

        assertThat(matches).isFalse();
    }

    private static boolean matches(String selector) throws InvalidSelectorSyntaxException {
        return MessageSelector.parse(selector).matches(MESSAGE::get);
    }
}
