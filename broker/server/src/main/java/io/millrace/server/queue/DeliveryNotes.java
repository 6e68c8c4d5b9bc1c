package io.millrace.server.queue;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Loop;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the cursor log learns of deliveries: before them, how far they may go, so that the next leader marks what comes again; behind them, how often records
 * were delivered that came again before.
 *
 * <p>Owned by the partition's loop.
 */
final class DeliveryNotes {
    /** Counts that are being written behind; above it they are not noted, as nothing gets committed. */
    private static final int SAVES_MAX = 1_000;

    private static final long RETRY_MS = 100;

    private final CoordinatorLog<CursorRecord> cursorLog;
    private final Loop loop;
    private final Runnable onReserved;
    private final Runnable onCommitted;
    private final Set<QueueCursor> unsaved = new HashSet<>();
    private int savesUnderWay;
    private boolean stopped;

    /**
     * Notes into a log.
     *
     * @param onReserved called when more may be delivered than before
     * @param onCommitted called after each commit
     */
    DeliveryNotes(CoordinatorLog<CursorRecord> cursorLog, Loop loop, Runnable onReserved, Runnable onCommitted) {
        this.cursorLog = cursorLog;
        this.loop = loop;
        this.onReserved = onReserved;
        this.onCommitted = onCommitted;
    }

    /** Has more deliveries allowed where the consumer will need that soon. */
    void reserveAhead(QueueCursor cursor, ConsumerId consumer) {
        cursor.reserve(consumer)
                .ifPresent(reserved -> cursorLog.append(List.of(reserved), new AppendListener() {
                    @Override
                    public void onCommitted() {
                        cursor.onReserved(reserved);
                        onReserved.run();
                        onCommitted.run();
                    }

                    @Override
                    public void onRefused(ErrorCode error) {
                        loop.schedule(RETRY_MS, () -> retry(cursor));
                    }

                    @Override
                    public void onUncertain(ErrorCode error) {
                        // It waits until it is committed, as the deliveries do.
                    }
                }));
    }

    private void retry(QueueCursor cursor) {
        cursor.onReservationFailed();
        if (!stopped) {
            onReserved.run();
        }
    }

    /** Saves the counts of what was delivered, at the end of the loop's round. */
    void onDelivered(QueueCursor cursor) {
        if (unsaved.isEmpty()) {
            loop.atEndOfRound(this::save);
        }
        unsaved.add(cursor);
    }

    private void save() {
        var records = new ArrayList<CursorRecord>();
        if (savesUnderWay < SAVES_MAX && !stopped) {
            unsaved.forEach(cursor -> cursor.takeUnsavedDeliveries().ifPresent(records::add));
        }
        unsaved.clear();
        if (records.isEmpty()) {
            return;
        }
        savesUnderWay++;
        cursorLog.append(records, new AppendListener() {
            @Override
            public void onCommitted() {
                savesUnderWay--;
                onCommitted.run();
            }

            @Override
            public void onRefused(ErrorCode error) {
                savesUnderWay--;
            }

            @Override
            public void onUncertain(ErrorCode error) {
                // Counted until it is committed.
            }
        });
    }

    void stop() {
        stopped = true;
    }
}
