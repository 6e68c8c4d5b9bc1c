package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.client.ProducerRecord;
import io.millrace.record.RecordHeader;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a record of a JSON document, such as {@link RecordView} prints. What a document says of its time and headers is taken; its partition only where
 * the command names none and wants that; its topic and offset never.
 *
 * @param partition null: as the document says, or else by the key
 * @param headers of every record, before those of the document
 */
record RecordDocuments(
        String destination, @Nullable Integer partition, boolean keepsPartition, List<RecordHeader> headers)
        implements RecordReader {
    static final String EXAMPLE = "{\"key\":\"k1\",\"value\":\"hello\",\"headers\":{\"colour\":\"green\"}}";

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Set<String> FIELDS = Set.of(
            "topic",
            "partition",
            "offset",
            "time",
            "deliveryCount",
            "key",
            "keyBase64",
            "value",
            "valueBase64",
            "headers");

    @Override
    public ProducerRecord read(String line) {
        JsonNode document = parse(line);
        document.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name)) {
                throw refusal("there is no field \"" + name + "\" in a record");
            }
        });
        JsonNode itsPartition = document.path("partition");
        boolean takesItsPartition = partition == null && keepsPartition && itsPartition.isInt();
        return new ProducerRecord(
                destination,
                takesItsPartition ? (Integer) itsPartition.intValue() : partition,
                timestampMs(document.path("time")),
                bytes(document, "key"),
                bytes(document, "value"),
                headers(document.path("headers")));
    }

    private static JsonNode parse(String line) {
        try {
            JsonNode document = MAPPER.readTree(line);
            if (document == null || !document.isObject()) {
                throw refusal("it is no JSON object");
            }
            return document;
        } catch (JsonProcessingException e) {
            throw refusal("it is no JSON: " + e.getOriginalMessage());
        }
    }

    private static CommandFailedException refusal(String why) {
        return new CommandFailedException(why + "; a record is, for instance, " + EXAMPLE);
    }

    private static @Nullable Long timestampMs(JsonNode time) {
        if (time.isMissingNode() || time.isNull()) {
            return null;
        }
        try {
            return time.isIntegralNumber()
                    ? time.longValue()
                    : Instant.parse(time.asText()).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw refusal(
                    "\"time\" is " + time + ", not an instant such as 2026-01-31T12:00:00Z or milliseconds since 1970");
        }
    }

    /** Text and Base64 as they are, null where there is neither, and any other value as JSON. */
    private static byte @Nullable [] bytes(JsonNode document, String name) {
        JsonNode base64 = document.path(name + "Base64");
        if (base64.isTextual()) {
            return decoded(name + "Base64", base64.asText());
        }
        return bytes(document.path(name));
    }

    private static byte @Nullable [] bytes(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        return (value.isTextual() ? value.asText() : value.toString()).getBytes(UTF_8);
    }

    private static byte[] decoded(String name, String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw refusal("\"" + name + "\" is no Base64: " + e.getMessage());
        }
    }

    private List<RecordHeader> headers(JsonNode document) {
        var all = new ArrayList<>(headers);
        document.properties().forEach(header -> {
            if (header.getValue().isArray()) {
                header.getValue().forEach(value -> all.add(header(header.getKey(), value)));
            } else {
                all.add(header(header.getKey(), header.getValue()));
            }
        });
        return all;
    }

    private static RecordHeader header(String name, JsonNode value) {
        boolean isBase64 = value.size() == 1 && value.path("base64").isTextual();
        return new RecordHeader(
                name, isBase64 ? decoded("base64", value.path("base64").asText()) : bytes(value));
    }
}
