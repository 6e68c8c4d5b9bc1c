package io.millrace.server.queue;

import io.millrace.coordinator.queue.RedeliveryPolicy;
import java.util.function.Supplier;

/**
 * The bounds of a dispatcher.
 *
 * @param heldMax records of one partition that all consumers together hold at once
 * @param appendTimeoutMs after which a settlement that is not committed is answered with an error
 * @param checkpointBytes a checkpoint of the cursor log is taken when at least this much, and at least twice the last
 *     checkpoint, has been appended to it
 * @param trimIntervalMs how often acknowledged records are given up
 * @param replayRetentionMs how long acknowledged records are kept all the same
 * @param lookAhead how many records ahead of the next delivery those of higher priority are found
 * @param redelivery asked whenever a delivery has failed
 */
public record QueueRules(
        int heldMax,
        long appendTimeoutMs,
        long checkpointBytes,
        long trimIntervalMs,
        long replayRetentionMs,
        int lookAhead,
        Supplier<RedeliveryPolicy> redelivery) {
    private static final int LOOK_AHEAD = 10_000;

    /** Failed records are delivered again at once, for ever. */
    public QueueRules(
            int heldMax,
            long appendTimeoutMs,
            long checkpointBytes,
            long trimIntervalMs,
            long replayRetentionMs,
            int lookAhead) {
        this(
                heldMax,
                appendTimeoutMs,
                checkpointBytes,
                trimIntervalMs,
                replayRetentionMs,
                lookAhead,
                () -> RedeliveryPolicy.AT_ONCE_FOR_EVER);
    }

    /** The usual look-ahead. */
    public QueueRules(
            int heldMax, long appendTimeoutMs, long checkpointBytes, long trimIntervalMs, long replayRetentionMs) {
        this(heldMax, appendTimeoutMs, checkpointBytes, trimIntervalMs, replayRetentionMs, LOOK_AHEAD);
    }

    public static QueueRules defaults() {
        return new QueueRules(100_000, 30_000, 1 << 20, 30_000, 0);
    }

    public QueueRules withReplayRetentionMs(long retentionMs) {
        return new QueueRules(
                heldMax, appendTimeoutMs, checkpointBytes, trimIntervalMs, retentionMs, lookAhead, redelivery);
    }

    public QueueRules withRedelivery(Supplier<RedeliveryPolicy> policy) {
        return new QueueRules(
                heldMax, appendTimeoutMs, checkpointBytes, trimIntervalMs, replayRetentionMs, lookAhead, policy);
    }
}
