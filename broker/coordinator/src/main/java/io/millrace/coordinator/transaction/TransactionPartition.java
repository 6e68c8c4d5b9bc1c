package io.millrace.coordinator.transaction;

import java.util.Comparator;

/** A partition that a transaction writes to. */
public record TransactionPartition(String topic, int partition) implements Comparable<TransactionPartition> {
    private static final Comparator<TransactionPartition> ORDER =
            Comparator.comparing(TransactionPartition::topic).thenComparingInt(TransactionPartition::partition);

    @Override
    public int compareTo(TransactionPartition other) {
        return ORDER.compare(this, other);
    }
}
