package io.millrace.jms;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One call of a message listener. */
record ListenerCall(MessageListener listener, Message message) {
    private static final System.Logger LOGGER = System.getLogger(ListenerCall.class.getName());
    private static final int IMMEDIATE_ATTEMPTS = 2;
    private static final Duration BACKOFF_MIN = Duration.ofMillis(50);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(10);

    /** What the listener has thrown, which is logged, as it is at fault (chapter 8.7); null where it has returned. */
    @SuppressWarnings("checkstyle:IllegalCatch") // the application's code may throw anything
    @Nullable
    Throwable failure() {
        try {
            listener.onMessage(message);
            return null;
        } catch (RuntimeException | Error e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "The message listener " + listener.getClass().getName() + " threw on " + message,
                    e);
            return e;
        }
    }

    /** How long a message waits that its listener has thrown on this often before: not at all at first, then longer. */
    static Duration backoff(int attemptsBefore) {
        if (attemptsBefore < IMMEDIATE_ATTEMPTS) {
            return Duration.ZERO;
        }
        int doublings = Math.min(attemptsBefore - IMMEDIATE_ATTEMPTS, 20);
        Duration backoff = BACKOFF_MIN.multipliedBy(1L << doublings);
        return backoff.compareTo(BACKOFF_MAX) < 0 ? backoff : BACKOFF_MAX;
    }
}
