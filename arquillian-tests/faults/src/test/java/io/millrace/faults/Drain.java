package io.millrace.faults;

import java.time.Duration;

/**
 * The end of a queue's history: a backlog takes as long as the machine needs for it, but never stands still.
 *
 * <p>Owned by the test's thread. Reads no clock.
 */
final class Drain {
    enum State {
        GOES_ON,
        EMPTY,
        STANDS_STILL
    }

    private final long calmNanos;
    private final long standstillMaxNanos;
    private final int backlog;
    private int left;
    private long movedNanos;

    /**
     * Begins when nothing is sent any more.
     *
     * @param calm for which nothing may be left until the queue is taken for empty
     * @param standstillMax for which nothing may get done while something is left
     */
    Drain(Duration calm, Duration standstillMax, int backlog, long nowNanos) {
        this.calmNanos = calm.toNanos();
        this.standstillMaxNanos = standstillMax.toNanos();
        this.backlog = backlog;
        this.left = backlog;
        this.movedNanos = nowNanos;
    }

    /** Takes in how many messages are left now. */
    State look(int leftNow, long nowNanos) {
        if (leftNow < left) {
            left = leftNow;
            movedNanos = nowNanos;
        }
        long stillNanos = nowNanos - movedNanos;
        if (left == 0) {
            return stillNanos >= calmNanos ? State.EMPTY : State.GOES_ON;
        }
        return stillNanos >= standstillMaxNanos ? State.STANDS_STILL : State.GOES_ON;
    }

    @Override
    public String toString() {
        return left + " of " + backlog + " messages left, and none done for "
                + Duration.ofNanos(standstillMaxNanos).toSeconds() + " s";
    }
}
