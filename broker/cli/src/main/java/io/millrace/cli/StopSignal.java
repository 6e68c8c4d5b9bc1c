package io.millrace.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether Ctrl-C or SIGTERM wants the command to end. The process waits, some seconds at most, until what was begun is ended in order.
 *
 * <p>Safe for use by any thread.
 */
final class StopSignal implements AutoCloseable {
    private static final long ORDERLY_END_SECONDS_MAX = 10;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "stop-signal");
    private volatile boolean given;

    StopSignal() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    boolean isGiven() {
        return given;
    }

    private void stop() {
        given = true;
        try {
            boolean inTime = ended.await(ORDERLY_END_SECONDS_MAX, TimeUnit.SECONDS);
            if (!inTime) {
                Thread.currentThread().interrupt(); // the process ends as it is
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        if (!given) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException ignored) {
                // The process is ending already: the hook finds that there is nothing to wait for.
            }
        }
    }
}
