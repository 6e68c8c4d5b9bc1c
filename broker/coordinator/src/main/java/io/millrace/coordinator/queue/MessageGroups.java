package io.millrace.coordinator.queue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Records of groups ({@code JMSXGroupID}) that may be handed out, for the consumers of one selection.
 *
 * <p>Not safe for use by several threads. What is available of a group that has records in flight is so for its holder alone, whom {@link
 * GroupFlights} knows, for all selections together. A group is known here while it has records here.
 */
final class MessageGroups {
    private static final class Group {
        private final long id;
        private final ReadyRecords ready = new ReadyRecords();
        private @Nullable ConsumerId holder; // under whom it is found; null: free
        private long place = DeliveryOrder.NOWHERE; // under which it is found

        Group(long id) {
            this.id = id;
        }
    }

    private final GroupFlights flights;
    private final Map<Long, Group> groups = new HashMap<>();
    private final TreeMap<Long, Group> free = new TreeMap<>(); // by the place of their first record
    private final Map<ConsumerId, SortedMap<Long, Group>> heldBy = new HashMap<>();
    private long readyCount;

    /** @param flights whose changes this must be told of */
    MessageGroups(GroupFlights flights) {
        this.flights = flights;
    }

    /** Whether no record here has a group. */
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

    /** Hands out the record at {@link #firstPlace}, of which there must be one; its group. */
    long takeFirst(ConsumerId consumer) {
        long place = firstPlace(consumer);
        Group group = Objects.requireNonNull(
                firstKey(free) == place ? free.get(place) : heads(consumer).get(place));
        long offset = DeliveryOrder.offsetAt(place);
        remove(group, offset, offset);
        flights.onTaken(group.id, offset, consumer);
        return group.id;
    }

    /** The group is held by somebody else now, or by nobody. */
    void onHolderChanged(long id) {
        Group group = groups.get(id);
        if (group != null) {
            place(group);
        }
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

    /** Takes out what lies within both ends. */
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
        ConsumerId holder = flights.holder(group.id);
        long place = group.ready.firstPlace();
        if (place == group.place && Objects.equals(holder, group.holder)) {
            return;
        }
        withdraw(group);
        group.holder = holder;
        group.place = place;
        if (place == DeliveryOrder.NOWHERE) {
            groups.remove(group.id);
        } else {
            heads(holder).put(place, group);
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
        }
    }
}
