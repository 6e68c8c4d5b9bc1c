package io.millrace.client;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * Runs a task at the earliest of the times that were asked for. Later ones are dropped: the task has to look again, when
 * it runs, what it waits for next.
 *
 * <p>Owned by its loop.
 */
final class Alarm {
    private final EventLoop loop;
    private final Runnable task;
    private boolean isSet;
    private long atNanos;

    Alarm(EventLoop loop, Runnable task) {
        this.loop = loop;
        this.task = task;
    }

    void noLaterThan(long wantedNanos) {
        if (isSet && atNanos - wantedNanos <= 0) {
            return;
        }
        isSet = true;
        atNanos = wantedNanos;
        loop.schedule(() -> ring(wantedNanos), Math.max(0, wantedNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    private void ring(long ringNanos) {
        if (atNanos == ringNanos) {
            isSet = false;
        }
        task.run();
    }
}
