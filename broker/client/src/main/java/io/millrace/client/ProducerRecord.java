package io.millrace.client;

import io.millrace.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record to send. The arrays and the list are not copied and must not be changed after the call.
 *
 * @param partition null: chosen by the hash of the key, or batch by batch in turn where there is no key
 * @param timestampMs null: the time of the call
 */
@SuppressWarnings(
        "ArrayRecordComponent") // the bytes are the user's; a copy for each record would cost more than it saves
public record ProducerRecord(
        String topic,
        @Nullable Integer partition,
        @Nullable Long timestampMs,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers) {

    public static ProducerRecord of(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        return new ProducerRecord(topic, null, null, key, value, List.of());
    }
}
