package io.millrace.selector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordViewTest {
    record Header(String name, byte[] value) {
        static Header of(String name, String value) {
            return new Header(name, value.getBytes(UTF_8));
        }
    }

    @Test
    void propertiesHaveTheTypesThatTheirSenderGaveThem() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("boolean", true);
        properties.put("byte", (byte) -1);
        properties.put("short", (short) 2);
        properties.put("int", 3);
        properties.put("long", 4L);
        properties.put("float", 1.5f);
        properties.put("double", 2.5d);
        properties.put("string", "5");
        properties.put("null", null);
        properties.put("JMSXGroupSeq", 7);
        List<Header> headers = new ArrayList<>();
        PropertyHeaders.encode(properties, (name, value) -> headers.add(new Header(name, value)));

        var view = view(headers, null);

        properties.forEach((name, value) -> assertThat(view.value(name)).isEqualTo(value));
        assertThat(view.value("gone")).isNull();
        assertThat(view.value("in")).isNull();
    }

    @Test
    void itReadsAsPropertyHeadersDo() {
        var headers = List.of(
                Header.of("a", "1"),
                Header.of("ab", "2"),
                Header.of("b", "x"),
                Header.of("c", "true"),
                Header.of("a", "3"),
                Header.of("JMS_Millrace_Types", "ab:long,a:nonsense,a:int,b:int,c:boolean,:,d:int,a:other"));

        var view = view(headers, null);
        var decoded = PropertyHeaders.decode(headers, Header::name, Header::value);

        assertThat(decoded).isEqualTo(Map.of("a", 3, "ab", 2L, "b", "x", "c", true));
        decoded.forEach((name, value) -> assertThat(view.value(name)).isEqualTo(value));
    }

    @Test
    void headerFieldsAreReadFromTheirHeaders() {
        var view = view(
                List.of(
                        Header.of("JMSDeliveryMode", "NON_PERSISTENT"),
                        Header.of("JMSPriority", "9"),
                        Header.of("JMSMessageID", "ID:5"),
                        Header.of("JMSTimestamp", "0"),
                        Header.of("JMSCorrelationID", "k"),
                        Header.of("JMSType", "t")),
                "group".getBytes(UTF_8));

        assertThat(view.value("JMSDeliveryMode")).isEqualTo("NON_PERSISTENT");
        assertThat(view.value("JMSPriority")).isEqualTo(9);
        assertThat(view.value("JMSMessageID")).isEqualTo("ID:5");
        assertThat(view.value("JMSTimestamp")).isEqualTo(0L);
        assertThat(view.value("JMSCorrelationID")).isEqualTo("k");
        assertThat(view.value("JMSType")).isEqualTo("t");
        assertThat(view.value("JMSXGroupID")).isEqualTo("group");
    }

    @Test
    void aForeignRecordHasTheDefaults() {
        var view = view(List.of(Header.of("JMSPriority", "urgent")), null);

        assertThat(view.value("JMSDeliveryMode")).isEqualTo("PERSISTENT");
        assertThat(view.value("JMSPriority")).isEqualTo(4);
        assertThat(view.value("JMSMessageID")).isEqualTo("ID:orders-0@7");
        assertThat(view.value("JMSTimestamp")).isEqualTo(1_000L);
        assertThat(view.value("JMSCorrelationID")).isNull();
        assertThat(view.value("JMSType")).isNull();
        assertThat(view.value("JMSXGroupID")).isNull();
    }

    @Test
    void aMessageWithoutIdHasNone() {
        assertThat(view(List.of(Header.of("JMS_Millrace_Body", "text")), null).value("JMSMessageID"))
                .isNull();
    }

    @Test
    void theMarksOfTheMappingAreNoProperties() {
        var headers = List.of(Header.of("JMS_Millrace_Body", "text"), Header.of("JMS_Other", "x"));

        assertThat(view(headers, null).value("JMS_Millrace_Body")).isNull();
        assertThat(view(headers, null).value("JMS_Other")).isEqualTo("x");
    }

    @Test
    void bytesThatAreNoUtf8ReadAsHexadecimalDigits() {
        byte[] noUtf8 = {(byte) 0xff, 1};

        assertThat(view(List.of(new Header("raw", noUtf8)), noUtf8).value("raw"))
                .isEqualTo("0xff01");
        assertThat(view(List.of(), noUtf8).value("JMSXGroupID")).isNull();
    }

    @Test
    void theReplacementCharacterItselfIsText() {
        assertThat(view(List.of(Header.of("a", "\ufffd")), null).value("a")).isEqualTo("\ufffd");
    }

    @Test
    void aSelectorReadsOnlyWhatItNames() throws InvalidSelectorSyntaxException {
        var headers = List.of(Header.of("region", "EU"), Header.of("count", "5"), Header.of("big", "x"));
        List<Integer> read = new ArrayList<>();
        var fields = new Fields(headers, null) {
            @Override
            public byte[] headerValue(int index) {
                read.add(index);
                return super.headerValue(index);
            }
        };

        boolean matches = MessageSelector.parse("region = 'EU'").matches(new RecordView(fields));

        assertThat(matches).isTrue();
        assertThat(read).containsOnly(0);
    }

    private static RecordView view(List<Header> headers, byte[] key) {
        return new RecordView(new Fields(headers, key));
    }

    private static class Fields implements RecordFields {
        private final List<Header> headers;
        private final byte[] key;

        Fields(List<Header> headers, byte[] key) {
            this.headers = headers;
            this.key = key;
        }

        @Override
        public int headerCount() {
            return headers.size();
        }

        @Override
        public String headerName(int index) {
            return headers.get(index).name();
        }

        @Override
        public byte[] headerValue(int index) {
            return headers.get(index).value();
        }

        @Override
        public byte[] key() {
            return key;
        }

        @Override
        public long timestampMs() {
            return 1_000;
        }

        @Override
        public String foreignMessageId() {
            return "ID:orders-0@7";
        }
    }
}
