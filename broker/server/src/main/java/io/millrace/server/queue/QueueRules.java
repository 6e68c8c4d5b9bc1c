package io.millrace.server.queue;

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
 */
public record QueueRules(
        int heldMax,
        long appendTimeoutMs,
        long checkpointBytes,
        long trimIntervalMs,
        long replayRetentionMs,
        int lookAhead) {
    private static final int LOOK_AHEAD = 10_000;

    /** The usual look-ahead. */
    public QueueRules(
            int heldMax, long appendTimeoutMs, long checkpointBytes, long trimIntervalMs, long replayRetentionMs) {
        this(heldMax, appendTimeoutMs, checkpointBytes, trimIntervalMs, replayRetentionMs, LOOK_AHEAD);
    }

    public static QueueRules defaults() {
        return new QueueRules(100_000, 30_000, 1 << 20, 30_000, 0);
    }

    public QueueRules withReplayRetentionMs(long retentionMs) {
        return new QueueRules(heldMax, appendTimeoutMs, checkpointBytes, trimIntervalMs, retentionMs, lookAhead);
    }
}
