package io.millrace.jms;

import io.millrace.record.RecordHeader;
import io.millrace.selector.ReservedHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/** Records of a topic whose delivery time is still to come, the first due first. Not safe for use by several threads. */
final class DelayedTopicRecords {
    /** With more of them nothing more is read: a subscription that is not durable keeps them in memory. */
    private static final int SIZE_MAX = 10_000;

    private record Delayed(long dueMs, long number, MessageDecoder.Content content) {}

    private final PriorityQueue<Delayed> delayed =
            new PriorityQueue<>(Comparator.comparingLong(Delayed::dueMs).thenComparingLong(Delayed::number));
    private long count;

    boolean isFull() {
        return delayed.size() >= SIZE_MAX;
    }

    /** Keeps those that are not due, and gives the others to the target. */
    void sort(List<MessageDecoder.Content> records, Deque<MessageDecoder.Content> target, long nowMs) {
        for (MessageDecoder.Content each : records) {
            long dueMs = deliveryTimeMs(each);
            if (dueMs > nowMs) {
                delayed.add(new Delayed(dueMs, count++, each));
            } else {
                target.addLast(each);
            }
        }
    }

    private static long deliveryTimeMs(MessageDecoder.Content content) {
        long timeMs = 0;
        for (RecordHeader header : content.headers()) {
            byte[] value = header.value();
            if (value != null && header.key().equals(ReservedHeaders.DELIVERY_TIME)) {
                timeMs = parse(new String(value, StandardCharsets.UTF_8));
            }
        }
        return timeMs;
    }

    private static long parse(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException ignored) {
            // A foreign client wrote something else under the reserved name.
            return 0;
        }
    }

    /** Gives to the target what is due; whether there was anything. */
    boolean moveDue(Deque<MessageDecoder.Content> target, long nowMs) {
        boolean moved = false;
        Delayed first = delayed.peek();
        while (first != null && first.dueMs() <= nowMs) {
            target.addLast(delayed.remove().content());
            moved = true;
            first = delayed.peek();
        }
        return moved;
    }

    /** How long until something is due, from 1 to this long. */
    long untilDueMs(long mostMs, long nowMs) {
        Delayed first = delayed.peek();
        return first == null ? mostMs : Math.max(1, Math.min(mostMs, first.dueMs() - nowMs));
    }
}
