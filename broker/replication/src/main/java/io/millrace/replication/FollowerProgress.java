package io.millrace.replication;

import java.util.Arrays;

/**
 * How far one follower has come in the present leader epoch, in each log of the partition.
 *
 * <p>Owned by the partition's loop. A follower that has all of a log is in step with it however long ago it asked; one that has fallen
 * behind was last in step when it had all that the log held at that moment.
 */
final class FollowerProgress {
    private static final int KINDS = LogKind.values().length;
    private static final long UNKNOWN = -1;
    /** A follower repeats itself after a lost answer, too, and while its disk is full. */
    private static final int REPETITIONS_TO_LOOK = 4;

    private final int brokerId;
    private long brokerEpoch = UNKNOWN;
    private final Log[] logs = new Log[KINDS];

    private static final class Log {
        private long fetchOffset = UNKNOWN;
        private long inStepMs;
        private long lastFetchMs;
        private long endAtLastFetch;
        private int repetitions;
    }

    FollowerProgress(int brokerId, long nowMs) {
        this.brokerId = brokerId;
        Arrays.setAll(logs, kind -> new Log());
        for (Log log : logs) {
            // A new leader gives everybody the full time to show up.
            log.inStepMs = nowMs;
            log.lastFetchMs = nowMs;
            log.endAtLastFetch = Long.MAX_VALUE;
        }
    }

    int brokerId() {
        return brokerId;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    /** Where the follower's log ends, or -1 when it has not fetched in this epoch. */
    long fetchOffset(LogKind kind) {
        return of(kind).fetchOffset;
    }

    boolean hasFetched(LogKind kind) {
        return of(kind).fetchOffset != UNKNOWN;
    }

    private Log of(LogKind kind) {
        return logs[kind == LogKind.DATA ? 0 : 1];
    }

    /** Takes a fetch into account; false when it comes from an earlier life of the broker (KIP-903). */
    boolean onFetch(LogKind kind, long fetchOffset, long followerEpoch, long logEndOffset, long nowMs) {
        if (followerEpoch < brokerEpoch) {
            return false;
        }
        if (followerEpoch > brokerEpoch) {
            forgetEarlierLife(followerEpoch);
        }
        Log log = of(kind);
        if (fetchOffset >= logEndOffset) {
            log.inStepMs = nowMs;
        } else if (fetchOffset >= log.endAtLastFetch) {
            log.inStepMs = Math.max(log.inStepMs, log.lastFetchMs);
        }
        log.repetitions = fetchOffset == log.fetchOffset && fetchOffset < logEndOffset ? log.repetitions + 1 : 0;
        log.fetchOffset = fetchOffset;
        log.lastFetchMs = nowMs;
        log.endAtLastFetch = logEndOffset;
        return true;
    }

    /** Whether the follower has asked from the same offset several times, though there is more: once for every few times. */
    boolean isStuck(LogKind kind) {
        int repetitions = of(kind).repetitions;
        return repetitions > 0 && repetitions % REPETITIONS_TO_LOOK == 0;
    }

    private void forgetEarlierLife(long followerEpoch) {
        brokerEpoch = followerEpoch;
        for (Log log : logs) {
            log.fetchOffset = UNKNOWN;
        }
    }

    /** Must be told before a log grows: until now the follower was in step with it if it had all. */
    void beforeAppend(LogKind kind, long logEndOffset, long nowMs) {
        Log log = of(kind);
        if (log.fetchOffset >= logEndOffset) {
            log.inStepMs = nowMs;
        }
    }

    /** For how long the follower has not had all of the log. */
    long lagMs(LogKind kind, long logEndOffset, long nowMs) {
        Log log = of(kind);
        return log.fetchOffset >= logEndOffset ? 0 : nowMs - log.inStepMs;
    }
}
