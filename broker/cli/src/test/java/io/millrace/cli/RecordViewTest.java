package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.record.RecordHeader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordViewTest {
    private static final byte[] NO_TEXT = {(byte) 0xff, 0, 1};

    private static ReadRecord record(byte[] key, byte[] value, RecordHeader... headers) {
        return new ReadRecord("greetings", 2, 7, 1_700_000_000_000L, null, key, value, List.of(headers));
    }

    private static String line(ReadRecord record) {
        var out = new StringWriter();
        JsonOutput.print(new PrintWriter(out, true), RecordView.of(record));
        assertThat(out.toString().lines()).hasSize(1);
        return out.toString();
    }

    private static JsonNode json(ReadRecord record) throws JsonProcessingException {
        return new ObjectMapper().readTree(line(record));
    }

    @Test
    void aRecordIsOneLineOfJson() throws JsonProcessingException {
        JsonNode json = json(record(
                "k\"1".getBytes(UTF_8),
                "first\nsecond ✓".getBytes(UTF_8),
                new RecordHeader("colour", "green".getBytes(UTF_8))));

        assertThat(json.get("topic").asText()).isEqualTo("greetings");
        assertThat(json.get("partition").asInt()).isEqualTo(2);
        assertThat(json.get("offset").asLong()).isEqualTo(7);
        assertThat(json.get("time").asText()).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(json.get("key").asText()).isEqualTo("k\"1");
        assertThat(json.get("value").asText()).isEqualTo("first\nsecond ✓");
        assertThat(json.get("headers").get("colour").asText()).isEqualTo("green");
        assertThat(json.has("deliveryCount")).isFalse();
        assertThat(json.has("valueBase64")).isFalse();
    }

    @Test
    void whatIsMissingIsLeftOut() throws JsonProcessingException {
        JsonNode json = json(record(null, null));

        assertThat(json.has("key")).isFalse();
        assertThat(json.has("value")).isFalse();
        assertThat(json.get("headers")).isEmpty();
    }

    @Test
    void whatIsNoTextIsBase64() throws JsonProcessingException {
        JsonNode json =
                json(record(NO_TEXT, NO_TEXT, new RecordHeader("raw", NO_TEXT), new RecordHeader("none", null)));

        assertThat(json.has("value")).isFalse();
        assertThat(json.get("keyBase64").asText()).isEqualTo("/wAB");
        assertThat(json.get("valueBase64").asText()).isEqualTo("/wAB");
        assertThat(json.get("headers").get("raw").get("base64").asText()).isEqualTo("/wAB");
        assertThat(json.get("headers").get("none").isNull()).isTrue();
    }

    @Test
    void whatWasPrintedIsReadAgain() {
        var printed = record(
                NO_TEXT,
                "hello".getBytes(UTF_8),
                new RecordHeader("colour", "green".getBytes(UTF_8)),
                new RecordHeader("colour", NO_TEXT),
                new RecordHeader("colour", null));

        var read = new RecordDocuments("copy", null, true, List.of()).read(line(printed));

        assertThat(read.topic()).isEqualTo("copy");
        assertThat(read.partition()).isEqualTo(2);
        assertThat(read.timestampMs()).isEqualTo(1_700_000_000_000L);
        assertThat(read.key()).isEqualTo(NO_TEXT);
        assertThat(read.value()).isEqualTo("hello".getBytes(UTF_8));
        assertThat(read.headers()).isEqualTo(printed.headers());
    }
}
