package io.millrace.server.queue;

import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.replication.Cancellable;
import io.millrace.replication.Loop;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Tells cursors of the time, and wakes up when a delayed record is due or an available one expires.
 *
 * <p>Owned by the partition's loop. The times are those of the wall clock, which may jump; so it looks again every {@value #CHECK_MS} ms.
 */
final class DeliveryTimes {
    private static final long CHECK_MS = 10_000;

    private final PartitionCursors cursors;
    private final Loop loop;
    private final InstantSource clock;
    private final Runnable onTime;
    private @Nullable Cancellable alarm;
    private long alarmMs = Long.MAX_VALUE;

    /** @param onTime called when time has changed something */
    DeliveryTimes(PartitionCursors cursors, Loop loop, InstantSource clock, Runnable onTime) {
        this.cursors = cursors;
        this.loop = loop;
        this.clock = clock;
        this.onTime = onTime;
    }

    /** The time, which the cursor is told. */
    long tell(QueueCursor cursor) {
        long nowMs = clock.millis();
        if (cursor.nextTimeMs() <= nowMs) {
            cursor.onTime(nowMs);
        }
        return nowMs;
    }

    /** Sees to it that the next change is not missed. */
    void watch() {
        long nextMs = Long.MAX_VALUE;
        for (QueueCursor cursor : cursors.cursors()) {
            nextMs = Math.min(nextMs, cursor.nextTimeMs());
        }
        if (nextMs < alarmMs) {
            stop();
            alarmMs = nextMs;
            long delayMs = Math.max(0, Math.min(CHECK_MS, nextMs - clock.millis()));
            alarm = loop.schedule(delayMs, this::ring);
        }
    }

    private void ring() {
        alarm = null;
        alarmMs = Long.MAX_VALUE;
        onTime.run();
        watch();
    }

    void stop() {
        if (alarm != null) {
            alarm.cancel();
            alarm = null;
        }
        alarmMs = Long.MAX_VALUE;
    }
}
