package io.millrace.cli;

import io.millrace.client.ConsumerRecord;
import io.millrace.client.QueueMessage;
import io.millrace.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record of a topic, or a message of a queue.
 *
 * @param deliveryCount null for a topic
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are shown and forgotten
record ReadRecord(
        String topic,
        int partition,
        long offset,
        long timestampMs,
        @Nullable Integer deliveryCount,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers) {

    static ReadRecord of(ConsumerRecord record) {
        return new ReadRecord(
                record.partition().topic(),
                record.partition().partition(),
                record.offset(),
                record.timestampMs(),
                null,
                record.key(),
                record.value(),
                record.headers());
    }

    static ReadRecord of(QueueMessage message) {
        return new ReadRecord(
                message.partition().topic(),
                message.partition().partition(),
                message.offset(),
                message.timestampMs(),
                message.deliveryCount(),
                message.key(),
                message.value(),
                message.headers());
    }
}
