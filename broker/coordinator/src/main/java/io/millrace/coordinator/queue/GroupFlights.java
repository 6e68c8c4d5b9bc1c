package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which groups ({@code JMSXGroupID}) have records in flight (acquired or settling), and at which consumer.
 *
 * <p>Not safe for use by several threads. Invariant: all records of a group that are in flight are at one consumer.
 *
 * <pre>
 *              a consumer takes one                     it takes another, or settles one of several
 *   free ------------------------------>  a consumer's  ------.
 *     ^                                     |     ^-----------'
 *     `---- the last one is settled --------'
 *           or given back
 * </pre>
 */
final class GroupFlights {
    private static final class Flight {
        private final long group;
        private final ConsumerId holder;
        private int records;

        Flight(long group, ConsumerId holder) {
            this.group = group;
            this.holder = holder;
        }
    }

    private final Map<Long, Flight> byGroup = new HashMap<>();
    private final TreeMap<Long, Flight> byOffset = new TreeMap<>();
    private final List<LongConsumer> listeners = new ArrayList<>();

    /** @param onHolderChanged is told of groups that have another holder, or none any more */
    void listen(LongConsumer onHolderChanged) {
        listeners.add(onHolderChanged);
    }

    void unlisten(LongConsumer onHolderChanged) {
        listeners.remove(onHolderChanged);
    }

    /** The only consumer that may have records of the group; null: any may. */
    @Nullable
    ConsumerId holder(long group) {
        Flight flight = byGroup.get(group);
        return flight == null ? null : flight.holder;
    }

    /** A consumer that may have it has got a record of the group. */
    void onTaken(long group, long offset, ConsumerId consumer) {
        Flight flight = byGroup.get(group);
        boolean isNew = flight == null;
        if (flight == null) {
            flight = new Flight(group, consumer);
            byGroup.put(group, flight);
        }
        flight.records++;
        byOffset.put(offset, flight);
        if (isNew) {
            listeners.forEach(listener -> listener.accept(group));
        }
    }

    /** Records within both ends are in flight no more: settled, or given back. */
    void onLanded(long first, long last) {
        if (byOffset.isEmpty()) {
            return;
        }
        var freed = new ArrayList<Long>();
        NavigableMap<Long, Flight> landed = byOffset.subMap(first, true, last, true);
        for (Flight flight : landed.values()) {
            flight.records--;
            if (flight.records == 0) {
                byGroup.remove(flight.group);
                freed.add(flight.group);
            }
        }
        landed.clear();
        freed.forEach(group -> listeners.forEach(listener -> listener.accept(group)));
    }
}
