package io.millrace.coordinator.queue;

import java.util.Map;
import java.util.TreeMap;

/**
 * Offsets of records that may be handed out, in the {@link DeliveryOrder}.
 *
 * <p>Not safe for use by several threads.
 */
final class ReadyRecords {
    private final TreeMap<Integer, OffsetSet> byRank = new TreeMap<>(); // none is empty

    boolean isEmpty() {
        return byRank.isEmpty();
    }

    void add(int rank, long first, long last) {
        OffsetSet offsets = byRank.get(rank);
        if (offsets == null) {
            offsets = new OffsetSet();
            byRank.put(rank, offsets);
        }
        offsets.add(first, last);
    }

    /** Where the first of all is in the order, or {@link DeliveryOrder#NOWHERE}. */
    long firstPlace() {
        Map.Entry<Integer, OffsetSet> first = byRank.firstEntry();
        return first == null
                ? DeliveryOrder.NOWHERE
                : DeliveryOrder.place(first.getKey(), first.getValue().first());
    }

    /** The smallest offset of the rank, or {@link Long#MAX_VALUE}. */
    long firstOf(int rank) {
        OffsetSet offsets = byRank.get(rank);
        return offsets == null ? Long.MAX_VALUE : offsets.first();
    }

    /** Takes out the first of all and those behind it that follow without a gap, up to an offset; the last one taken. */
    long takeFirst(long lastMax) {
        Map.Entry<Integer, OffsetSet> entry = byRank.firstEntry();
        OffsetSet offsets = entry.getValue();
        long first = offsets.first();
        long last = Math.min(lastMax, offsets.nextGap(first) - 1);
        offsets.remove(first, last);
        if (offsets.isEmpty()) {
            byRank.remove(entry.getKey());
        }
        return last;
    }

    boolean contains(long offset) {
        return byRank.values().stream().anyMatch(offsets -> offsets.contains(offset));
    }

    /** Takes out what lies within both ends; how many that was. */
    long remove(long first, long last) {
        long removed = 0;
        for (OffsetSet offsets : byRank.values()) {
            for (long next = offsets.nextMember(first); next <= last; next = offsets.nextMember(next)) {
                long end = Math.min(last, offsets.nextGap(next) - 1);
                offsets.remove(next, end);
                removed += end - next + 1;
            }
        }
        byRank.values().removeIf(OffsetSet::isEmpty);
        return removed;
    }
}
