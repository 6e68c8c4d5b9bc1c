package io.millrace.client;

import io.millrace.protocol.message.AcknowledgementBatch;
import io.millrace.protocol.message.QueueBrowseResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;

/** What is acquired and acknowledged of one partition of a queue. Guarded by its cluster. */
public final class ScriptedQueue {
    /** Who holds a message: a consumer over a connection. */
    record Holder(Object connection, UUID consumerId) {}

    private final Map<Long, Holder> acquired = new TreeMap<>();
    private final Map<Long, Integer> deliveries = new HashMap<>();
    private final Map<Long, Byte> settled = new TreeMap<>();

    /** The offsets that the holder gets now. */
    List<Long> acquire(Holder holder, long startOffset, long endOffset, int count) {
        var got = new ArrayList<Long>();
        for (long offset = startOffset; offset < endOffset && got.size() < count; offset++) {
            if (!acquired.containsKey(offset) && !settled.containsKey(offset)) {
                acquired.put(offset, holder);
                deliveries.merge(offset, 1, Integer::sum);
                got.add(offset);
            }
        }
        return got;
    }

    /** One range for each offset. */
    List<QueueBrowseResponse.Range> notSettled(long from, long until) {
        return LongStream.range(from, until)
                .filter(offset -> !settled.containsKey(offset))
                .mapToObj(offset -> new QueueBrowseResponse.Range(offset, offset))
                .toList();
    }

    int deliveryCount(long offset) {
        return deliveries.getOrDefault(offset, 0);
    }

    boolean holds(Holder holder, long first, long last) {
        for (long offset = first; offset <= last; offset++) {
            if (!holder.equals(acquired.get(offset))) {
                return false;
            }
        }
        return true;
    }

    void settle(long first, long last, byte type) {
        settle(new AcknowledgementBatch(first, last, type));
    }

    void settle(AcknowledgementBatch batch) {
        byte type = batch.type();
        for (long offset = batch.firstOffset(); offset <= batch.lastOffset(); offset++) {
            acquired.remove(offset);
            if (type == AcknowledgementBatch.RETURN) {
                deliveries.merge(offset, -1, Integer::sum);
            } else if (type == AcknowledgementBatch.RELEASE) {
                deliveries.merge(offset, batch.deliveries() - 1, Integer::sum);
            } else {
                settled.put(offset, type);
            }
        }
    }

    void releaseConnection(Object connection) {
        acquired.values().removeIf(holder -> holder.connection() == connection);
    }

    void releaseAll() {
        acquired.clear();
    }

    void release(Holder holder) {
        acquired.values().removeIf(holder::equals);
    }

    public int acquiredCount() {
        return acquired.size();
    }

    /** Offsets that are never delivered again, with what was said of them. */
    public Map<Long, Byte> settled() {
        return Map.copyOf(settled);
    }
}
