package io.millrace.jms;

import jakarta.jms.JMSException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Consumer;

/** Making threads that do not end silently, and waiting for their end. */
final class Threads {
    private static final System.Logger LOGGER = System.getLogger(Threads.class.getName());

    private Threads() {}

    /** @param onDefect told on the thread itself what has ended it, which is our mistake and is logged too */
    static Thread newDaemon(String name, Runnable work, Consumer<JMSException> onDefect) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((ended, defect) -> {
            LOGGER.log(Level.ERROR, () -> "Thread '" + name + "' has ended by a defect of Millrace", defect);
            onDefect.accept(Failures.caused(
                    new JMSException("Thread '" + name + "' has ended by a defect of Millrace: " + defect), defect));
        });
        return thread;
    }

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
