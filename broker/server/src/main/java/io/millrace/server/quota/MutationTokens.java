package io.millrace.server.quota;

/**
 * How many partitions a client may still create and delete: tokens that come back with time, up to what comes back in the time over which
 * quotas are counted (KIP-599).
 *
 * <p>Guarded by this. The tokens may be owed: whoever has any left, or owes none, may take as many as it needs at once, and waits afterwards.
 */
final class MutationTokens {
    /** By how much requests may be later than others that began after them. */
    private static final long LATENESS_MAX_MS = 10_000;

    private double tokens = Double.POSITIVE_INFINITY; // as many as there may be
    private long filledMs;

    /** Takes tokens; false where a debt must be waited for first. */
    synchronized boolean take(int count, double perSecond, long nowMs) {
        fill(perSecond, nowMs);
        if (tokens < 0) {
            return false;
        }
        tokens -= count;
        return true;
    }

    /** Takes tokens, owing what is not there. */
    synchronized void owe(int count, double perSecond, long nowMs) {
        fill(perSecond, nowMs);
        tokens -= count;
    }

    /** How long it takes until nothing is owed, in milliseconds. */
    synchronized long debtMs(double perSecond, long nowMs) {
        fill(perSecond, nowMs);
        return tokens < 0 ? (long) Math.ceil(-tokens / perSecond * 1_000) : 0;
    }

    synchronized boolean isFull(double perSecond, long nowMs) {
        fill(perSecond, nowMs);
        return tokens >= most(perSecond);
    }

    private void fill(double perSecond, long nowMs) {
        long passedMs = nowMs - filledMs;
        if (passedMs < 0 && passedMs >= -LATENESS_MAX_MS) {
            // No time is given twice to requests that overtake each other.
            return;
        }
        // A clock that was set back gives nothing.
        tokens = Math.min(most(perSecond), tokens + Math.max(0, passedMs) * perSecond / 1_000);
        filledMs = nowMs;
    }

    private static double most(double perSecond) {
        return perSecond * RateWindow.WINDOW_MS / 1_000;
    }
}
