package io.millrace.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

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

    /** @param type as on the wire; 2 gives back, 4 gives back uncounted */
    void settle(long first, long last, byte type) {
        for (long offset = first; offset <= last; offset++) {
            acquired.remove(offset);
            if (type == 4) {
                deliveries.merge(offset, -1, Integer::sum);
            } else if (type != 2) {
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
