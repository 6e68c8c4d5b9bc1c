package io.millrace.faults.history;

import java.util.Comparator;

/** Where a record is. */
public record Place(int partition, long offset) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
        return Comparator.comparingInt(Place::partition)
                .thenComparingLong(Place::offset)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
