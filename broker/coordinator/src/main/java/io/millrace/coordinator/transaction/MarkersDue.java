package io.millrace.coordinator.transaction;

import java.util.NavigableSet;

/**
 * The outcome of a transaction, for partitions that do not know it yet.
 *
 * @param producer under whose epoch the markers are written
 */
public record MarkersDue(
        String transactionalId,
        ProducerIdAndEpoch producer,
        boolean committed,
        short clientVersion,
        NavigableSet<TransactionPartition> partitions) {}
