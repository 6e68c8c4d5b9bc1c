package io.millrace.coordinator.queue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Records of groups ({@code JMSXGroupID}) that may be handed out, and which of those in flight belong to which group.
 *
 * <p>Not safe for use by several threads. Invariant: all records of a group that are in flight (acquired or settling) are at one
 * consumer, and only to it is the next one of the group available. A group is known while it has records here or in flight.
 *
 * <pre>
 *              a consumer takes one                     it takes another, or settles one of several
 *   free ------------------------------>  a consumer's  ------.
 *     ^                                     |     ^-----------'
 *     `---- the last one is settled --------'
 *           or given back
 * </pre>
 */
final class MessageGroups {
    private static final class Group {
        private final long id;
        private final ReadyRecords ready = new ReadyRecords();
        private @Nullable ConsumerId holder; // null: free
        private int inFlight;
        private long place = DeliveryOrder.NOWHERE; // under which it is found

        Group(long id) {
            this.id = id;
        }
    }

    private final Map<Long, Group> groups = new HashMap<>();
    private final TreeMap<Long, Group> free = new TreeMap<>(); // by the place of their first record
    private final Map<ConsumerId, SortedMap<Long, Group>> heldBy = new HashMap<>();
    private final TreeMap<Long, Group> inFlight = new TreeMap<>(); // by offset
    private long readyCount;

    /** Whether no record here or in flight has a group. */
    boolean isEmpty() {
        return groups.isEmpty();
    }

    /** How many records may be handed out, to whomever. */
    long readyCount() {
        return readyCount;
    }

    void add(long id, int priority, long offset) {
        Group group = groups.computeIfAbsent(id, Group::new);
        // Of a group what was given back needs no place of its own: it has the lower offset, as successors wait for it.
        group.ready.add(DeliveryOrder.rank(priority, false), offset, offset);
        readyCount++;
        place(group);
    }

    /** Where the first record that the consumer may have is in the order, or {@link DeliveryOrder#NOWHERE}. */
    long firstPlace(ConsumerId consumer) {
        long own = firstKey(heldBy.get(consumer));
        return Math.min(own, firstKey(free));
    }

    private static long firstKey(@Nullable SortedMap<Long, Group> heads) {
        return heads == null || heads.isEmpty() ? DeliveryOrder.NOWHERE : heads.firstKey();
    }

    /** Hands out the record at {@link #firstPlace}, of which there must be one. */
    void takeFirst(ConsumerId consumer) {
        long place = firstPlace(consumer);
        Group group = Objects.requireNonNull(
                firstKey(free) == place ? free.get(place) : heads(consumer).get(place));
        long offset = DeliveryOrder.offsetAt(place);
        group.inFlight++;
        inFlight.put(offset, group);
        remove(group, offset, offset);
        hold(group, consumer);
    }

    private void hold(Group group, @Nullable ConsumerId holder) {
        withdraw(group);
        group.holder = holder;
        place(group);
    }

    /** Records within both ends are in flight no more: settled, or given back. */
    void onLanded(long first, long last) {
        if (inFlight.isEmpty()) {
            return;
        }
        NavigableMap<Long, Group> landed = inFlight.subMap(first, true, last, true);
        for (Group group : landed.values()) {
            group.inFlight--;
            if (group.inFlight == 0) {
                hold(group, null);
            }
        }
        landed.clear();
    }

    boolean contains(long id, long offset) {
        Group group = groups.get(id);
        return group != null && group.ready.contains(offset);
    }

    /** Takes out a record that nobody is to have; whether it was here. */
    boolean remove(long id, long offset) {
        Group group = groups.get(id);
        return group != null && remove(group, offset, offset) > 0;
    }

    /** Takes out what lies within both ends and is not in flight. */
    void removeAll(long first, long last) {
        List.copyOf(groups.values()).forEach(group -> remove(group, first, last));
    }

    private long remove(Group group, long first, long last) {
        long removed = group.ready.remove(first, last);
        readyCount -= removed;
        place(group);
        return removed;
    }

    private void place(Group group) {
        long place = group.ready.firstPlace();
        if (place != group.place) {
            withdraw(group);
        }
        group.place = place;
        if (place != DeliveryOrder.NOWHERE) {
            heads(group.holder).put(place, group);
        } else if (group.inFlight == 0) {
            groups.remove(group.id);
        }
    }

    private SortedMap<Long, Group> heads(@Nullable ConsumerId holder) {
        return holder == null ? free : heldBy.computeIfAbsent(holder, ignored -> new TreeMap<>());
    }

    private void withdraw(Group group) {
        if (group.place != DeliveryOrder.NOWHERE) {
            SortedMap<Long, Group> heads = heads(group.holder);
            heads.remove(group.place);
            if (heads.isEmpty() && group.holder != null) {
                heldBy.remove(group.holder);
            }
            group.place = DeliveryOrder.NOWHERE;
        }
    }
}
