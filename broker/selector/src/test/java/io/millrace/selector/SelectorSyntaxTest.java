package io.millrace.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorSyntaxTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a =",
                "= 1",
                "a = 1 AND",
                "AND a",
                "a 1",
                "a b",
                "a == 1",
                "a != 1",
                "a = \"x\"",
                "a = 'x",
                "'x'",
                "5",
                "1 + 1",
                "-a",
                "a + 1",
                "(a",
                "a)",
                "()",
                "a = b = c",
                "a < b < c",
                "a < 'x'",
                "'x' >= a",
                "a > TRUE",
                "a < (b = 1)",
                "a + 'x' = 1",
                "a + TRUE = 1",
                "'x' + a = 1",
                "'x' * a = 1",
                "-'x' = 1",
                "-(a = 1) = 1",
                "NOT 'x'",
                "NOT 5",
                "a AND 5",
                "5 AND a",
                "a OR 'x'",
                "'x' OR a",
                "a NOT",
                "a NOT = 1",
                "a IS",
                "a IS 5",
                "a IS NOT 5",
                "5 IS NULL",
                "'a' IS NULL",
                "a = NULL",
                "a <> NULL",
                "NULL",
                "NULL IS NULL",
                "a BETWEEN 1",
                "a BETWEEN 1 OR 2",
                "a BETWEEN 1 AND",
                "a BETWEEN 'x' AND 'y'",
                "'x' BETWEEN 1 AND 2",
                "a BETWEEN 1 AND 'y'",
                "a IN 'x'",
                "a IN ()",
                "a IN ('x'",
                "a IN ('x',)",
                "a IN (1, 2)",
                "a IN (b)",
                "5 IN ('x')",
                "'x' IN ('x')",
                "a + 1 IN ('x')",
                "a LIKE",
                "a LIKE b",
                "a LIKE 5",
                "'a' LIKE 'a'",
                "a LIKE 'x' ESCAPE",
                "a LIKE 'x' ESCAPE ''",
                "a LIKE 'x' ESCAPE 'ab'",
                "a LIKE 'x' ESCAPE 5",
                "a LIKE 'x!' ESCAPE '!'",
                "a LIKE 'x!y' ESCAPE '!'",
                "a ESCAPE 'x'",
                "a = 09",
                "a = 0x",
                "a = 0xG",
                "a = 0b2",
                "a = 1e",
                "a = 1e400",
                "a = 1e-400",
                "a = 1e40f",
                "a = 9223372036854775808",
                "a = -9223372036854775809",
                "a = 0x10000000000000000",
                "a = 1__",
                "a = 0_x1",
                "a = 0x_1",
                "a = 1_.5",
                "a = 1.5L",
                "a = 5x",
                "a = 1.2.3",
                "a.b = 1",
                "a-b",
                "trace-id",
                "JMSDestination = 'x'",
                "JMSReplyTo IS NULL",
                "JMSRedelivered",
                "JMSExpiration = 0",
                "JMSDeliveryTime = 0",
                "JMSFoo = 1",
                "BETWEEN = 1",
                "like = 1",
                "a = 1;",
                "a = 1 // comment",
                "a & b",
                "a || b",
                "a % 2 = 0",
                "{a}",
                "\u0000a = #",
                "a = \ud83d\ude00"
            })
    void whatIsNoSelectorIsRefused(String text) {
        assertThatThrownBy(() -> MessageSelector.parse(text)).isInstanceOf(InvalidSelectorSyntaxException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "color = red' | 11 | has no end",
                "a = 1 AND AND b | 10 | found AND, expected an identifier",
                "a == 1 | 2 | equal is written =",
                "a != 1 | 2 | unequal is written <>",
                "a = \"x\" | 4 | single quotes",
                "a = NULL | 4 | NULL stands after IS only",
                "a < 'x' | 4 | < needs a number; here stands a string",
                "a > true | 4 | > needs a number; here stands TRUE",
                "5 | 0 | a selector must be a condition; here stands a number",
                "a IN (1) | 6 | found the number 1, expected a string in the list of IN",
                "JMSReplyTo = 'x' | 0 | JMSCorrelationID, JMSType",
                "a LIKE 'x!y' ESCAPE '!' | 7 | stands before y",
                "a = 1e400 | 4 | no number that Java has",
                "(a = 1 | 6 | found the end, expected )",
                "a = 1) | 5 | found ), expected AND, OR",
            })
    void theErrorSaysWhereAndWhatWouldBeRight(String text, int position, String message) {
        var thrown = catchThrowableOfType(InvalidSelectorSyntaxException.class, () -> MessageSelector.parse(text));

        assertThat(thrown).hasMessageContaining(message).hasMessageContaining("character " + (position + 1) + " (");
        assertThat(thrown.position()).isEqualTo(position);
    }

    @Test
    void nestingAndLengthAreBounded() throws InvalidSelectorSyntaxException {
        int allowed = MessageSelector.NESTING_MAX;
        String deep = "(".repeat(allowed) + "a" + ")".repeat(allowed);
        MessageSelector.parse(deep);

        assertThatThrownBy(() -> MessageSelector.parse("(" + deep + ")")).hasMessageContaining("deeper than 200");
        assertThatThrownBy(() -> MessageSelector.parse("NOT ".repeat(allowed + 1) + "a"))
                .hasMessageContaining("deeper");
        assertThatThrownBy(() -> MessageSelector.parse("- ".repeat(allowed + 1) + "a = 1"))
                .hasMessageContaining("deeper");
        assertThatThrownBy(() -> MessageSelector.parse("(".repeat(100_000)))
                .hasMessageContaining("100000 characters; at most 16384");
        assertThatThrownBy(() -> MessageSelector.parse("(".repeat(16_000))).hasMessageContaining("deeper");
    }

    @Test
    void longChainsAreEvaluatedOnASmallStack() throws InvalidSelectorSyntaxException, InterruptedException {
        MessageSelector or = MessageSelector.parse("a OR ".repeat(3_200) + "b");
        MessageSelector and = MessageSelector.parse("b AND ".repeat(2_700) + "b");
        MessageSelector sum = MessageSelector.parse("1+".repeat(8_000) + "1 = 8001");
        MessageSelector product = MessageSelector.parse("1*".repeat(8_000) + "1 = 1");
        boolean[] all = new boolean[1];
        MessageView view = identifier -> identifier.equals("b");

        Thread thread = new Thread(
                null,
                () -> all[0] = or.matches(view) && and.matches(view) && sum.matches(view) && product.matches(view),
                "small stack",
                160 * 1024);
        thread.start();
        thread.join();

        assertThat(all[0]).isTrue();
    }

    @Test
    void patternsOfManySequencesDoNotTakeForEver() {
        String value = "a".repeat(20_000);
        Assertions.assertTimeoutPreemptively(SOON, () -> {
            MessageSelector selector = MessageSelector.parse("v LIKE '" + "a%".repeat(5_000) + "b'");
            assertThat(selector.matches(identifier -> value)).isFalse();
            MessageSelector any = MessageSelector.parse("v LIKE '" + "%_".repeat(5_000) + "b%'");
            assertThat(any.matches(identifier -> value)).isFalse();
        });
    }

    @Test
    void garbageIsReadOrRefusedAndNothingElse() {
        String[] words = {
            "a",
            "b",
            "JMSType",
            "'x'",
            "''",
            "'",
            "1",
            "0x",
            "1.5e3",
            "(",
            ")",
            ",",
            "=",
            "<>",
            "<",
            "+",
            "-",
            "*",
            "/",
            "AND",
            "OR",
            "NOT",
            "IN",
            "LIKE",
            "ESCAPE",
            "IS",
            "NULL",
            "BETWEEN",
            "TRUE",
            ".",
            "_",
            "\"",
            "\u0000",
            "\ud800",
            "\udc00",
            "9999999999999999999",
            "1_",
            "e",
            "\u00e9",
            "%"
        };
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int count = random.nextInt(12); count >= 0; count--) {
                text.append(words[random.nextInt(words.length)]).append(random.nextBoolean() ? " " : "");
            }
            try {
                MessageSelector.parse(text.toString()).matches(identifier -> random.nextBoolean() ? "x" : 1);
            } catch (InvalidSelectorSyntaxException e) {
                assertThat(e.position()).as("seed %d: %s", seed, text).isBetween(0, text.length());
            }
        }
    }
}
