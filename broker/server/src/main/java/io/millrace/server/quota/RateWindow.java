package io.millrace.server.quota;

import java.util.Arrays;

/**
 * How much was done in the last seconds, as Kafka counts it: in samples of a second each, of which the present one is incomplete.
 *
 * <p>Guarded by this.
 */
final class RateWindow {
    /** {@code quota.window.num} of Kafka. */
    static final int SAMPLES = 11;

    /** {@code quota.window.size.seconds} of Kafka. */
    static final long SAMPLE_MS = 1_000;

    static final long WINDOW_MS = SAMPLES * SAMPLE_MS;

    private final double[] amounts = new double[SAMPLES];
    private long lastSample = Long.MIN_VALUE;

    /**
     * Notes what was done and answers how long its doer must now do nothing for the rate to come down to what is allowed.
     *
     * @return 0 while the rate is within what is allowed; never more than the window
     */
    synchronized long record(double amount, double allowedPerSecond, long nowMs) {
        advance(nowMs);
        amounts[place(lastSample)] += amount;
        double total = 0;
        for (double each : amounts) {
            total += each;
        }
        // Full samples count as such from the first second on, so that a burst is spread over the window.
        double windowMs = (SAMPLES - 1) * SAMPLE_MS + Math.floorMod(nowMs, SAMPLE_MS);
        double perSecond = total * 1_000 / windowMs;
        if (perSecond <= allowedPerSecond) {
            return 0;
        }
        double throttleMs = (perSecond - allowedPerSecond) / allowedPerSecond * windowMs;
        return (long) Math.min(WINDOW_MS, Math.ceil(throttleMs));
    }

    private void advance(long nowMs) {
        long sample = Math.floorDiv(nowMs, SAMPLE_MS);
        // Threads may come a moment late; a clock that was set back begins anew.
        boolean isAnew = lastSample == Long.MIN_VALUE || sample - lastSample >= SAMPLES || sample < lastSample - 1;
        if (isAnew) {
            Arrays.fill(amounts, 0);
            lastSample = sample;
        }
        while (lastSample < sample) {
            lastSample++;
            amounts[place(lastSample)] = 0;
        }
    }

    private static int place(long sample) {
        return (int) Math.floorMod(sample, (long) SAMPLES);
    }

    /** Whether nothing was done for so long that the window is empty. */
    synchronized boolean isIdle(long nowMs) {
        return Math.floorDiv(nowMs, SAMPLE_MS) - lastSample >= SAMPLES;
    }
}
