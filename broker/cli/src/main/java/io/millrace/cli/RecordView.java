package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.record.RecordHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record in JSON, as {@code millrace produce --format json} reads it: text where the bytes are UTF-8, else Base64. A key or value that is null is left out; a header that
 * comes several times is a list.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RecordView(
        String topic,
        int partition,
        long offset,
        String time,
        @Nullable Integer deliveryCount,
        @Nullable String key,
        @Nullable String keyBase64,
        @Nullable String value,
        @Nullable String valueBase64,
        Map<String, @Nullable Object> headers) {

    static RecordView of(ReadRecord record) {
        return new RecordView(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestampMs()).toString(),
                record.deliveryCount(),
                text(record.key()),
                base64(record.key()),
                text(record.value()),
                base64(record.value()),
                headers(record.headers()));
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteText.exact(bytes).orElse(null);
    }

    private static @Nullable String base64(byte @Nullable [] bytes) {
        return bytes == null || ByteText.exact(bytes).isPresent() ? null : ByteText.base64(bytes);
    }

    private static Map<String, @Nullable Object> headers(List<RecordHeader> headers) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        for (RecordHeader header : headers) {
            Object value = headerValue(header);
            if (!map.containsKey(header.key())) {
                map.put(header.key(), value);
                continue;
            }
            Object before = map.get(header.key());
            var all = new ArrayList<@Nullable Object>();
            if (before instanceof Collection<?> several) {
                all.addAll(several);
            } else {
                all.add(before);
            }
            all.add(value);
            map.put(header.key(), all);
        }
        return map;
    }

    private static @Nullable Object headerValue(RecordHeader header) {
        byte[] bytes = header.value();
        if (bytes == null) {
            return null;
        }
        return ByteText.exact(bytes)
                .<Object>map(text -> text)
                .orElseGet(() -> Map.of("base64", ByteText.base64(bytes)));
    }
}
