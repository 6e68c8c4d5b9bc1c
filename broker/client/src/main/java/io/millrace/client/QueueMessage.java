package io.millrace.client;

import io.millrace.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message acquired from a queue.
 *
 * @param deliveryCount 1 at the first delivery; more than 1 means that it may have been delivered before
 * @param acquisition identifies this acquisition within its consumer: the same record delivered again has another
 */
@SuppressWarnings(
        "ArrayRecordComponent") // the bytes are the user's; a copy for each record would cost more than it saves
public record QueueMessage(
        TopicPartition partition,
        long offset,
        int deliveryCount,
        long acquisition,
        long timestampMs,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers) {

    /**
     * The same acquisition, delivered so often by now: how often its consumer has delivered the message counts where it
     * is released.
     */
    public QueueMessage withDeliveryCount(int newDeliveryCount) {
        return new QueueMessage(partition, offset, newDeliveryCount, acquisition, timestampMs, key, value, headers);
    }
}
