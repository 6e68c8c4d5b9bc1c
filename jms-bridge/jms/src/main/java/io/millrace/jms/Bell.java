package io.millrace.jms;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Wakes whoever waits for something to have changed.
 *
 * <p>Usage: read {@link #rings()}, look whether there is something to do, else {@link #awaitRing} with what was read;
 * a ring in between is not missed. Its monitor is a leaf: ringing never waits for anything, so that event loops may.
 */
final class Bell {
    private long rings;

    synchronized void ring() {
        rings++;
        notifyAll();
    }

    synchronized long rings() {
        return rings;
    }

    /** Returns when it has rung since the count was read, or after this long. */
    synchronized void awaitRing(long ringsSeen, Duration timeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (rings == ringsSeen) {
            long remainingNanos = deadlineNanos - System.nanoTime();
            if (remainingNanos <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.timedWait(this, remainingNanos);
        }
    }
}
