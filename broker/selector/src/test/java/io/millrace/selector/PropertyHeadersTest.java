package io.millrace.selector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PropertyHeadersTest {
    record Header(String name, byte[] value) {}

    @Test
    void aStringPropertyIsAHeaderWithItsNameAndItsUtf8Bytes() {
        var headers = encode(Map.of("city", "Z\u00fcrich"));

        assertThat(headers).hasSize(1);
        assertThat(headers.get(0).name()).isEqualTo("city");
        assertThat(headers.get(0).value()).isEqualTo(new byte[] {'Z', (byte) 0xc3, (byte) 0xbc, 'r', 'i', 'c', 'h'});
    }

    @Test
    void otherTypesAreReadableTextAndNamedInOneHeader() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("count", 5);
        properties.put("name", "five");
        properties.put("price", 1.5d);
        properties.put("open", true);

        var headers = encode(properties);

        assertThat(headers.stream().map(header -> header.name() + "=" + new String(header.value(), UTF_8)))
                .containsExactly(
                        "count=5",
                        "name=five",
                        "price=1.5",
                        "open=true",
                        "JMS_Millrace_Types=count:int,price:double,open:boolean");
    }

    @Test
    void everyTypeComesBackExactly() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("boolean", false);
        properties.put("byte", Byte.MIN_VALUE);
        properties.put("short", Short.MAX_VALUE);
        properties.put("int", Integer.MIN_VALUE);
        properties.put("long", Long.MAX_VALUE);
        properties.put("float", Float.MIN_VALUE);
        properties.put("double", -0.0d);
        properties.put("nan", Double.NaN);
        properties.put("infinite", Float.NEGATIVE_INFINITY);
        properties.put("string", "");
        properties.put("number", "5");
        properties.put("missing", null);

        assertThat(decode(encode(properties))).isEqualTo(properties);
        assertThat(decode(encode(properties)).keySet()).containsExactlyElementsOf(properties.keySet());
    }

    @Test
    void randomNumbersComeBackExactly() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            Map<String, Object> properties = new LinkedHashMap<>();
            properties.put("d", Double.longBitsToDouble(random.nextLong()));
            properties.put("f", Float.intBitsToFloat(random.nextInt()));
            properties.put("l", random.nextLong());

            assertThat(decode(encode(properties))).as("seed %d", seed).isEqualTo(properties);
        }
    }

    @Test
    void aForeignHeaderIsAString() {
        var decoded = decode(List.of(new Header("trace-id", "7f".getBytes(UTF_8))));

        assertThat(decoded).isEqualTo(Map.of("trace-id", "7f"));
    }

    @Test
    void aForeignHeaderThatIsNoUtf8StaysBytesAndIsWrittenBackUnchanged() {
        byte[] value = {(byte) 0xff, 0, 1};

        var decoded = decode(List.of(new Header("raw", value)));

        assertThat(decoded.get("raw")).isEqualTo(value);
        assertThat(encode(decoded).get(0).value()).isEqualTo(value);
    }

    @Test
    void ofSeveralHeadersWithOneNameTheLastCounts() {
        var decoded = decode(List.of(new Header("a", "1".getBytes(UTF_8)), new Header("a", "2".getBytes(UTF_8))));

        assertThat(decoded).isEqualTo(Map.of("a", "2"));
    }

    @Test
    void headerFieldsAreNoProperties() {
        var decoded = decode(List.of(
                new Header("JMSPriority", "7".getBytes(UTF_8)),
                new Header("JMS_Millrace_Body", "text".getBytes(UTF_8))));

        assertThat(decoded).isEmpty();
    }

    @Test
    void aValueThatIsNotOfItsNamedTypeIsAString() {
        var decoded = decode(List.of(
                new Header("count", "many".getBytes(UTF_8)),
                new Header("open", "perhaps".getBytes(UTF_8)),
                new Header("JMS_Millrace_Types", "count:int,open:boolean,gone:long,:,x".getBytes(UTF_8))));

        assertThat(decoded).isEqualTo(Map.of("count", "many", "open", "perhaps"));
    }

    @Test
    void aPropertyOfAnotherTypeIsRefused() {
        assertThatThrownBy(() -> encode(Map.of("list", List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'list'");
    }

    @Test
    void halfASurrogatePairIsRefusedInsteadOfReplaced() {
        assertThatThrownBy(() -> encode(Map.of("half", "\ud800")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("surrogate");
    }

    private static List<Header> encode(Map<String, Object> properties) {
        List<Header> headers = new ArrayList<>();
        PropertyHeaders.encode(properties, (name, value) -> headers.add(new Header(name, value)));
        return headers;
    }

    private static Map<String, Object> decode(List<Header> headers) {
        return PropertyHeaders.decode(headers, Header::name, Header::value);
    }
}
