package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.MessageFormatException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CborProperties {

    @Property(tries = 500)
    void whateverAStreamHoldsComesBack(@ForAll("streams") List<Object> fields) throws MessageFormatException {
        byte[] bytes = CborWriter.encode(fields);

        assertThat(CborReader.decodeList(bytes).orElseThrow())
                .usingRecursiveComparison()
                .isEqualTo(fields);
    }

    @Property(tries = 500)
    void whateverAMapHoldsComesBackAndItsBytesDoNotDependOnItsOrder(@ForAll("maps") Map<String, Object> entries)
            throws MessageFormatException {
        byte[] bytes = CborWriter.encode(entries);

        assertThat(CborReader.decodeMap(bytes).orElseThrow())
                .usingRecursiveComparison()
                .isEqualTo(entries);
        assertThat(CborWriter.encode(reversed(entries))).isEqualTo(bytes);
    }

    private static Map<String, Object> reversed(Map<String, Object> entries) {
        List<String> names = new ArrayList<>(entries.keySet());
        Collections.reverse(names);
        Map<String, Object> reversed = new LinkedHashMap<>();
        names.forEach(name -> reversed.put(name, entries.get(name)));
        return reversed;
    }

    /** Neither an exception nor memory without bounds; what is read can be written and means the same. */
    @Property(tries = 5_000)
    void anyBytesAreReadOrRefused(@ForAll("hostile") byte[] bytes) throws MessageFormatException {
        var list = CborReader.decodeList(bytes);
        var map = CborReader.decodeMap(bytes);

        assertThat(list.isPresent() && map.isPresent()).isFalse();
        if (list.isPresent()) {
            byte[] again = CborWriter.encode(list.get());
            assertThat(CborWriter.encode(CborReader.decodeList(again).orElseThrow()))
                    .isEqualTo(again);
        }
        if (map.isPresent()) {
            assertThat(map.get()).doesNotContainKey("");
            CborWriter.encode(map.get());
        }
    }

    @Property(tries = 1_000)
    void aBodyThatWasCutOrLengthenedIsRefused(@ForAll("streams") List<Object> fields) throws MessageFormatException {
        byte[] bytes = CborWriter.encode(fields);

        for (int length = 0; length <= Math.min(bytes.length + 1, 60); length++) {
            if (length != bytes.length) {
                assertThat(CborReader.decodeList(java.util.Arrays.copyOf(bytes, length)))
                        .isEmpty();
            }
        }
    }

    @Provide
    Arbitrary<List<Object>> streams() {
        return values().list().ofMaxSize(40);
    }

    @Provide
    Arbitrary<Map<String, Object>> maps() {
        return Arbitraries.maps(texts().filter(name -> !name.isEmpty()), values())
                .ofMaxSize(40);
    }

    /** Random bytes, and random bytes behind a head that promises much. */
    @Provide
    Arbitrary<byte[]> hostile() {
        Arbitrary<byte[]> heads = Arbitraries.of(
                new byte[0],
                new byte[] {(byte) 0x9f},
                new byte[] {(byte) 0xbf},
                new byte[] {(byte) 0x83},
                new byte[] {(byte) 0xa2, 0x61},
                new byte[] {(byte) 0x9a, 0x7f, -1, -1, -1},
                new byte[] {(byte) 0x9b, 0, 0, 0, 1, 0, 0, 0, 0},
                new byte[] {(byte) 0xbb, -1, -1, -1, -1, -1, -1, -1, -1});
        return heads.flatMap(
                head -> Arbitraries.bytes().array(byte[].class).ofMaxSize(60).map(tail -> {
                    byte[] all = java.util.Arrays.copyOf(head, head.length + tail.length);
                    System.arraycopy(tail, 0, all, head.length, tail.length);
                    return all;
                }));
    }

    private static Arbitrary<Object> values() {
        return Arbitraries.oneOf(
                        Arbitraries.of(true, false).map(Object.class::cast),
                        Arbitraries.bytes().map(Object.class::cast),
                        Arbitraries.shorts().map(Object.class::cast),
                        Arbitraries.chars().all().map(Object.class::cast),
                        Arbitraries.integers().map(Object.class::cast),
                        Arbitraries.longs().map(Object.class::cast),
                        Arbitraries.floats().map(Object.class::cast),
                        Arbitraries.doubles().map(Object.class::cast),
                        texts().map(Object.class::cast),
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(Object.class::cast))
                .injectNull(0.1);
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("aZ0 \u00fc\u20ac\u0000")
                .ofMaxLength(30)
                .map(text -> text.endsWith("a") ? text + "\ud83d\ude00" : text);
    }
}
