package io.millrace.storage.compaction;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Keeps the bytes that a cleaner reads and writes per second below a bound, by pauses.
 *
 * <p>Owned by one thread.
 */
public final class Throttle {

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long WINDOW_NANOS = SECOND_NANOS / 10;

    private final double bytesPerSecondMax;
    private final LongSupplier nanoTime;
    private final LongConsumer pauseNanos;

    private long windowStart;
    private long windowBytes;

    /**
     * @param bytesPerSecondMax {@link Double#MAX_VALUE} for no bound
     * @param nanoTime as {@link System#nanoTime}
     * @param pauseNanos waits so long
     */
    public Throttle(double bytesPerSecondMax, LongSupplier nanoTime, LongConsumer pauseNanos) {
        this.bytesPerSecondMax = bytesPerSecondMax;
        this.nanoTime = nanoTime;
        this.pauseNanos = pauseNanos;
        this.windowStart = nanoTime.getAsLong();
    }

    /** Notes that bytes went to or came from the disk, and pauses when they were too many for the time that they took. */
    public void took(long bytes) {
        windowBytes += bytes;
        long elapsed = nanoTime.getAsLong() - windowStart;
        if (elapsed < WINDOW_NANOS && windowBytes < bytesPerSecondMax * WINDOW_NANOS / SECOND_NANOS) {
            return;
        }
        long needed = (long) (windowBytes / bytesPerSecondMax * SECOND_NANOS);
        if (needed > elapsed) {
            pauseNanos.accept(needed - elapsed);
        }
        windowStart = nanoTime.getAsLong();
        windowBytes = 0;
    }
}
