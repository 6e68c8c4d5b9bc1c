package io.millrace.storage;

/** What became of batches that a leader was asked to append. */
public sealed interface AppendOutcome {

    /** The batches are in the log. */
    record Appended(AppendInfo info) implements AppendOutcome {}

    /** An idempotent producer sent a batch again that is in the log already: answer as for the first time. */
    record Duplicate(long baseOffset, long lastOffset, long timestamp) implements AppendOutcome {}

    /** Nothing was appended: a batch of this producer is missing before this one (OUT_OF_ORDER_SEQUENCE_NUMBER). */
    record OutOfOrderSequence(long producerId, int expected, int found) implements AppendOutcome {}

    /** Nothing was appended: a newer producer has taken over the id (INVALID_PRODUCER_EPOCH). */
    record FencedProducer(long producerId, short currentEpoch, short foundEpoch) implements AppendOutcome {}

    /** Nothing was appended: a later coordinator has written a marker of this producer (TRANSACTION_COORDINATOR_FENCED). */
    record FencedCoordinator(long producerId, int currentEpoch, int foundEpoch) implements AppendOutcome {}
}
