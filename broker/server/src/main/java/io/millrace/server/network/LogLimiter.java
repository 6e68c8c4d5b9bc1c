package io.millrace.server.network;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Writes at most one line a second of a kind that strangers can cause, and counts the others. Thread-safe. */
final class LogLimiter {
    private static final long PAUSE_NANOS = 1_000_000_000L;

    private final System.Logger logger;
    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());
    private final AtomicInteger suppressed = new AtomicInteger();

    LogLimiter(System.Logger logger) {
        this.logger = logger;
    }

    void log(System.Logger.Level level, Supplier<String> message) {
        long now = System.nanoTime();
        long next = nextNanos.get();
        if (now - next < 0 || !nextNanos.compareAndSet(next, now + PAUSE_NANOS)) {
            suppressed.incrementAndGet();
            return;
        }
        int others = suppressed.getAndSet(0);
        logger.log(level, () -> others == 0 ? message.get() : message.get() + " (and " + others + " like it)");
    }
}
