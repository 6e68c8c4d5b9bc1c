package io.millrace.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions of other processes, which cannot be waited for otherwise than by looking again. */
public final class Wait {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Wait() {}

    /** Returns as soon as the condition holds; throws an AssertionError that names it where it does not in time. */
    public static void until(String condition, Duration timeout, BooleanSupplier holds) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + timeout.toSeconds() + " s: " + condition);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
