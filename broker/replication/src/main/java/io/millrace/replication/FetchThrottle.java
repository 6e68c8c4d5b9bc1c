package io.millrace.replication;

import io.millrace.metadata.Reassignment;
import io.millrace.metadata.TopicImage;

/**
 * How much this broker may still fetch for replicas that are being moved here. What is fetched is owed, and what is owed is forgiven with
 * time; while something is owed, nothing more is fetched. Replicas in sync are never held up.
 *
 * <p>Thread-safe: one for all fetchers of the broker.
 */
final class FetchThrottle {
    static final long UNTHROTTLED = 0;

    private static final long MS_PER_SECOND = 1_000;

    private long owedBytes;
    private long forgivenUntilMs;

    /**
     * The bytes per second with which a replica on a broker is to be filled; {@link #UNTHROTTLED} for one that is not being moved, or is in sync.
     *
     * @param byDefault where the move does not say
     */
    static long rateOf(TopicImage topic, int partition, int brokerId, long byDefault) {
        boolean isInSync = topic.partitions().get(partition).inSyncReplicas().contains(brokerId);
        Reassignment move = topic.reassignments().get(partition);
        if (isInSync || move == null || !move.adding().contains(brokerId)) {
            return UNTHROTTLED;
        }
        return move.throttleBytesPerSecond() == Reassignment.UNTHROTTLED ? byDefault : move.throttleBytesPerSecond();
    }

    /**
     * Asks to fetch.
     *
     * @param expectedBytes owed from now on, if it is allowed
     * @return 0 if it is allowed; else how long to wait before asking again
     */
    synchronized long request(long bytesPerSecond, long expectedBytes, long nowMs) {
        forgive(bytesPerSecond, nowMs);
        if (owedBytes > 0) {
            return 1 + (long) (owedBytes * (double) MS_PER_SECOND / bytesPerSecond);
        }
        owedBytes = expectedBytes;
        return 0;
    }

    private void forgive(long bytesPerSecond, long nowMs) {
        long elapsedMs = Math.min(Math.max(0, nowMs - forgivenUntilMs), MS_PER_SECOND * 60);
        // Slow rates forgive whole bytes only; what is left over of the time counts the next time.
        long forgiven = Math.min(owedBytes, (long) (elapsedMs * (double) bytesPerSecond / MS_PER_SECOND));
        if (forgiven > 0 || owedBytes == 0) {
            owedBytes -= forgiven;
            forgivenUntilMs = nowMs;
        }
    }

    /** Tells how much was fetched where so much was expected. */
    synchronized void onFetched(long bytes, long expectedBytes) {
        owedBytes = Math.max(0, owedBytes + bytes - expectedBytes);
    }
}
