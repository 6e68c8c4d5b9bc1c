package io.millrace.jms;

import java.lang.System.Logger.Level;
import java.time.Duration;

/** Waiting for threads to end. */
final class Threads {
    private static final System.Logger LOGGER = System.getLogger(Threads.class.getName());

    private Threads() {}

    /** Waits until the thread has ended, but not longer than this; an interrupt is kept for the caller. */
    static void join(Thread thread, Duration timeout) {
        try {
            thread.join(Math.max(1, timeout.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "Thread '" + thread.getName() + "' has not ended within " + timeout
                            + "; it ends when what it waits for does");
        }
    }
}
