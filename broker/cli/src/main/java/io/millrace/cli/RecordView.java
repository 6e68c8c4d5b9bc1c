package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import io.millrace.record.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A record as it is shown: bytes are read as UTF-8. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RecordView(
        int partition,
        long offset,
        String time,
        @Nullable Integer deliveryCount,
        @Nullable String key,
        @Nullable String value,
        Map<String, String> headers) {

    static RecordView of(ConsumerRecord record) {
        return new RecordView(
                record.partition().partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestampMs()).toString(),
                null,
                text(record.key()),
                text(record.value()),
                headers(record.headers()));
    }

    static RecordView of(QueueMessage message) {
        return new RecordView(
                message.partition().partition(),
                message.offset(),
                Instant.ofEpochMilli(message.timestampMs()).toString(),
                message.deliveryCount(),
                text(message.key()),
                text(message.value()),
                headers(message.headers()));
    }

    /** The value, behind the key where a separator is given; what is null is shown as nothing. */
    String line(@Nullable String keySeparator) {
        String shownValue = Objects.requireNonNullElse(value, "");
        return keySeparator == null ? shownValue : Objects.requireNonNullElse(key, "") + keySeparator + shownValue;
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static Map<String, String> headers(List<RecordHeader> headers) {
        var map = new LinkedHashMap<String, String>();
        headers.forEach(header -> map.put(header.key(), text(header.value())));
        return map;
    }
}
