package io.millrace.coordinator.transaction;

import io.millrace.protocol.ErrorCode;
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
        NavigableSet<TransactionPartition> partitions) {

    /**
     * Whether a partition that answers so needs its marker no more: it has it, or knows a later epoch of the producer, which can only be where the transaction
     * has ended there already.
     */
    public static boolean isSettledBy(ErrorCode answer) {
        return answer == ErrorCode.NONE || answer == ErrorCode.INVALID_PRODUCER_EPOCH;
    }
}
