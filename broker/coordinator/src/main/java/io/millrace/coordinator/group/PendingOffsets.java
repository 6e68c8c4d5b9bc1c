package io.millrace.coordinator.group;

import io.millrace.coordinator.group.GroupRecord.OffsetKey;
import io.millrace.coordinator.group.GroupRecord.OffsetValue;
import java.util.HashMap;
import java.util.Map;

/**
 * Offsets that transactions want to set and that have not come to their end (KIP-98, KIP-447).
 *
 * <p>Owned by the loop of its groups. An offset is unstable from the decision to append it on, so that nobody who takes over a partition reads from where a
 * transaction is just about to leave.
 *
 * <pre>
 *   decided --committed--> pending --marker--> applied or dropped
 *      `------refused----> dropped    `--an ordinary commit after it--> dropped
 * </pre>
 */
final class PendingOffsets {
    /** Offsets that may be unstable in one partition. */
    static final int PENDING_MAX = 1_000_000;

    private final Map<String, Map<OffsetKey, Integer>> unstable = new HashMap<>(); // by group: by how many
    private final Map<Long, Map<OffsetKey, OffsetValue>> ofProducer = new HashMap<>();
    private int size;

    boolean hasRoom(int more) {
        return size + more <= PENDING_MAX;
    }

    boolean isUnstable(OffsetKey key) {
        return unstable.getOrDefault(key.group(), Map.of()).containsKey(key);
    }

    boolean isUnstable(String groupId) {
        return unstable.containsKey(groupId);
    }

    void onDecided(OffsetKey key) {
        size++;
        unstable.computeIfAbsent(key.group(), group -> new HashMap<>()).merge(key, 1, Integer::sum);
    }

    void onRefused(OffsetKey key) {
        settle(key);
    }

    /** The record of a decision is in the log for good. */
    void onCommitted(long producerId, OffsetKey key, OffsetValue value) {
        Map<OffsetKey, OffsetValue> offsets = ofProducer.computeIfAbsent(producerId, producer -> new HashMap<>());
        if (offsets.put(key, value) != null) {
            settle(key); // the offset before this one
        }
    }

    /** A commit without a transaction comes later in the log than what is pending, and so has the last word. */
    void onOverruled(OffsetKey key) {
        if (isUnstable(key)) {
            ofProducer.values().forEach(offsets -> {
                if (offsets.remove(key) != null) {
                    settle(key);
                }
            });
        }
    }

    /** The transaction of a producer has ended. What it wanted to set. */
    Map<OffsetKey, OffsetValue> onEnded(long producerId) {
        Map<OffsetKey, OffsetValue> offsets = ofProducer.remove(producerId);
        if (offsets == null) {
            return Map.of();
        }
        offsets.keySet().forEach(this::settle);
        return offsets;
    }

    private void settle(OffsetKey key) {
        size--;
        unstable.computeIfPresent(key.group(), (group, keys) -> {
            keys.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
            return keys.isEmpty() ? null : keys;
        });
    }
}
