package io.millrace.client;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The bytes that all batches of a producer may hold together.
 *
 * <p>Safe for use by any thread. Who waits is served in the order of arrival, so that a large record is not starved by
 * small ones.
 */
final class BufferBudget {
    private final Semaphore bytes;
    private final int size;

    BufferBudget(long bytesMax) {
        this.size = (int) Math.min(bytesMax, Integer.MAX_VALUE);
        this.bytes = new Semaphore(size, true);
    }

    /** Takes bytes that are free now. */
    boolean tryTake(int count) {
        return !bytes.hasQueuedThreads() && bytes.tryAcquire(count);
    }

    /** Takes bytes, waiting at most this long until they are free. */
    boolean take(int count, Duration timeout) throws InterruptedException {
        return bytes.tryAcquire(count, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    void giveBack(int count) {
        bytes.release(count);
    }

    int size() {
        return size;
    }

    int free() {
        return bytes.availablePermits();
    }
}
