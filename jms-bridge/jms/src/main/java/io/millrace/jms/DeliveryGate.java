package io.millrace.jms;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Lets deliveries of one session through while its connection is started, and tells when the last has ended.
 *
 * <p>Guarded by this. One thread passes at a time, as a session delivers one message at a time.
 */
final class DeliveryGate {
    private boolean open;
    private boolean closedForGood;
    private int inside;

    /** @return whether the caller may deliver; if so it must call {@link #leave} */
    synchronized boolean enter() {
        if (!open || closedForGood) {
            return false;
        }
        inside++;
        return true;
    }

    synchronized void leave() {
        inside--;
        notifyAll();
    }

    synchronized void open() {
        open = true;
    }

    /**
     * Lets nothing through any more and waits until nothing is inside.
     *
     * @return whether nothing is inside; false when the time was not enough
     */
    synchronized boolean shut(Duration timeout, boolean forGood) throws InterruptedException {
        open = false;
        closedForGood |= forGood;
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (inside > 0) {
            long remainingNanos = deadlineNanos - System.nanoTime();
            if (remainingNanos <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, remainingNanos);
        }
        return true;
    }
}
