package io.millrace.coordinator.queue;

import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.INT64;

import io.millrace.protocol.wire.Schema;
import java.util.List;

/** How often the records of consecutive offsets, both ends included, have been handed to a consumer. */
public record DeliveryCount(long first, long last, int deliveryCount) {
    static final Schema<DeliveryCount> SCHEMA = Schema.of(DeliveryCount.class)
            .field("first", INT64)
            .field("last", INT64)
            .field("deliveryCount", INT32)
            .build();

    public DeliveryCount {
        if (first < 0 || last < first || deliveryCount < 0) {
            throw new IllegalArgumentException("Offsets " + first + " to " + last + " delivered " + deliveryCount
                    + " times are no range; the first must be at least 0 and not above the last, the count at least 0");
        }
    }

    public long count() {
        return last - first + 1;
    }

    /** Adds a range behind others, as one with the last of them where it continues that. */
    public static void append(List<DeliveryCount> ranges, DeliveryCount next) {
        int size = ranges.size();
        DeliveryCount before = size == 0 ? null : ranges.get(size - 1);
        if (before != null && before.last + 1 == next.first && before.deliveryCount == next.deliveryCount) {
            ranges.set(size - 1, new DeliveryCount(before.first, next.last, next.deliveryCount));
        } else {
            ranges.add(next);
        }
    }
}
