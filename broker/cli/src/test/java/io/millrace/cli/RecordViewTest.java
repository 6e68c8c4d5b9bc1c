package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.TopicPartition;
import io.millrace.record.RecordHeader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordViewTest {

    @Test
    void aRecordIsOneLineOfJson() throws JsonProcessingException {
        var record = new ConsumerRecord(
                new TopicPartition("greetings", 2),
                7,
                0,
                1_700_000_000_000L,
                "k\"1".getBytes(UTF_8),
                "first\nsecond ✓".getBytes(UTF_8),
                List.of(new RecordHeader("colour", "green".getBytes(UTF_8))));
        var out = new StringWriter();

        JsonOutput.print(new PrintWriter(out, true), RecordView.of(record));

        assertThat(out.toString().lines()).hasSize(1);
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.get("partition").asInt()).isEqualTo(2);
        assertThat(json.get("offset").asLong()).isEqualTo(7);
        assertThat(json.get("time").asText()).isEqualTo("2023-11-14T22:13:20Z");
        assertThat(json.get("key").asText()).isEqualTo("k\"1");
        assertThat(json.get("value").asText()).isEqualTo("first\nsecond ✓");
        assertThat(json.get("headers").get("colour").asText()).isEqualTo("green");
        assertThat(json.has("deliveryCount")).isFalse();
    }

    @Test
    void whatIsMissingIsLeftOut() throws JsonProcessingException {
        var record = new ConsumerRecord(new TopicPartition("greetings", 0), 0, 0, 0, null, null, List.of());
        var out = new StringWriter();

        JsonOutput.print(new PrintWriter(out, true), RecordView.of(record));

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.has("key")).isFalse();
        assertThat(json.has("value")).isFalse();
    }

    @Test
    void aLineIsTheValueAndTheKeyWhereItIsAskedFor() {
        var whole = new RecordView(0, 0, "", null, "k", "v", Map.of());
        var empty = new RecordView(0, 0, "", null, null, null, Map.of());

        assertThat(whole.line(null)).isEqualTo("v");
        assertThat(whole.line("=")).isEqualTo("k=v");
        assertThat(empty.line("=")).isEqualTo("=");
    }
}
