package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.MessageFormatException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of map and stream messages. */
class CborTest {
    @Test
    void everyTypeHasItsBytes() throws MessageFormatException {
        List<Object> values = Arrays.asList(
                null, false, true, (byte) -1, (short) 2, 3, -4L, 'A', 1.5f, -2.0, "\u00fc", new byte[] {9});

        assertThat(hex(CborWriter.encode(values)))
                .isEqualTo("8c"
                        + "f6" + "f4" + "f5"
                        + "3800" + "190002" + "1a00000003" + "3b0000000000000003"
                        + "d841420041"
                        + "fa3fc00000" + "fbc000000000000000"
                        + "62c3bc" + "4109");
    }

    @Test
    void namesAreInTheOrderOfTheirBytes() throws MessageFormatException {
        assertThat(hex(CborWriter.encode(Map.of("bb", true, "c", "x", "a", 1))))
                .isEqualTo("a3" + "6161" + "1a00000001" + "6163" + "6178" + "626262" + "f5");
    }

    /** Values of RFC 8949, appendix A, as the smallest type that their width allows. */
    @ParameterizedTest
    @CsvSource({
        "00, 0, Integer",
        "17, 23, Integer",
        "1818, 24, Byte",
        "1864, 100, Byte",
        "18ff, 255, Short",
        "1903e8, 1000, Short",
        "19ffff, 65535, Integer",
        "1a000f4240, 1000000, Integer",
        "1affffffff, 4294967295, Long",
        "1b000000e8d4a51000, 1000000000000, Long",
        "20, -1, Integer",
        "3863, -100, Byte",
        "3903e7, -1000, Short",
        "3b7fffffffffffffff, -9223372036854775808, Long",
        "f90000, 0.0, Float",
        "f98000, -0.0, Float",
        "f93c00, 1.0, Float",
        "f97bff, 65504.0, Float",
        "f90001, 5.9604645E-8, Float",
        "f9c400, -4.0, Float",
        "f97c00, Infinity, Float",
        "f97e00, NaN, Float",
        "f9fc00, -Infinity, Float",
        "fb3ff199999999999a, 1.1, Double",
        "60, '', String",
        "6449455446, IETF, String"
    })
    void whatOtherWritersMakeIsRead(String hex, String text, String type) {
        Object value = list("81" + hex).get(0);

        assertThat(value).hasToString(text);
        assertThat(value.getClass().getSimpleName()).isEqualTo(type);
        assertThat(list("9f" + hex + "ff")).isEqualTo(List.of(value));
        assertThat(CborReader.decodeMap(bytes("bf616b" + hex + "ff"))).contains(Map.of("k", value));
    }

    @Test
    void undefinedIsNull() {
        assertThat(list("82f7f6")).containsExactly(null, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "80ff", // more than the array
                "81", // less
                "9f", // no end
                "9a7fffffff", // elements that are not there
                "9b8000000000000000",
                "9bffffffffffffffff",
                "815a7fffffff00", // bytes that are not there
                "817b7fffffffffffffff",
                "815f4101ff", // chunks
                "8180", // an array inside
                "81a0", // a map inside
                "9f9f9f9f9f9f9f9fffffffffffffffff",
                "81ff", // a break that ends nothing
                "81c11a514b67b0", // another tag
                "81d8414101", // a character of one byte
                "81d841430041ff",
                "81d841d841420041", // tags in tags
                "8162c328", // no UTF-8
                "811bffffffffffffffff", // larger than a long
                "813b8000000000000000",
                "811c", // reserved heads
                "81f8ff",
                "81f0",
                "a0",
                "6161",
                "01"
            })
    void whatIsNoStreamIsRefused(String hex) {
        assertThat(CborReader.decodeList(bytes(hex))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a16161", // a name without a value
                "a10101", // a name that is no text
                "a16001", // an empty name
                "a2616101616102", // a name twice
                "a1616180", // an array inside
                "bf6161ff", // a name without a value
                "ba7fffffff",
                "bb4000000000000000",
                "80"
            })
    void whatIsNoMapIsRefused(String hex) {
        assertThat(CborReader.decodeMap(bytes(hex))).isEmpty();
    }

    private static List<Object> list(String hex) {
        return CborReader.decodeList(bytes(hex)).orElseThrow();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
