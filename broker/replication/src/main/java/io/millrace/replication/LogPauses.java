package io.millrace.replication;

import java.util.function.Supplier;

/** Lines of one kind that would come again and again: the first at once, then one every few seconds with the count of the others. One thread. */
final class LogPauses {
    private static final long PAUSE_MS = 10_000;

    private final System.Logger logger;
    private long nextMs = Long.MIN_VALUE;
    private int suppressed;

    LogPauses(System.Logger logger) {
        this.logger = logger;
    }

    void log(System.Logger.Level level, long nowMs, Supplier<String> message) {
        if (nowMs < nextMs) {
            suppressed++;
            return;
        }
        int others = suppressed;
        suppressed = 0;
        nextMs = nowMs + PAUSE_MS;
        logger.log(level, () -> others == 0 ? message.get() : message.get() + " (and " + others + " times before)");
    }
}
