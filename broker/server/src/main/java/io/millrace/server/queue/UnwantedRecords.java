package io.millrace.server.queue;

import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Loop;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import java.util.List;

/**
 * Settles what nobody is to have: records that have expired, and offsets without a record, such as those of transaction markers.
 *
 * <p>Owned by the partition's loop. A settlement that is refused is tried again until it succeeds.
 */
final class UnwantedRecords {
    private static final long RETRY_MS = 1_000;

    private final CoordinatorLog<CursorRecord> cursorLog;
    private final PartitionCursors cursors;
    private final Loop loop;
    private final Runnable onCommitted;
    private boolean stopped;

    /** @param onCommitted called after each commit */
    UnwantedRecords(CoordinatorLog<CursorRecord> cursorLog, PartitionCursors cursors, Loop loop, Runnable onCommitted) {
        this.cursorLog = cursorLog;
        this.cursors = cursors;
        this.loop = loop;
        this.onCommitted = onCommitted;
    }

    /** Settles what has turned up since this was called last. */
    void settle(QueueCursor cursor) {
        List<CursorRecord> records = cursor.takeUnwanted();
        if (!records.isEmpty()) {
            append(records);
        }
    }

    private void append(List<CursorRecord> records) {
        if (stopped) {
            return;
        }
        cursorLog.append(records, new AppendListener() {
            @Override
            public void onCommitted() {
                records.forEach(cursors::commit);
                onCommitted.run();
            }

            @Override
            public void onRefused(ErrorCode error) {
                loop.schedule(RETRY_MS, () -> append(records));
            }

            @Override
            public void onUncertain(ErrorCode error) {
                // It is out of reach until it is committed, or found again by the next leader.
            }
        });
    }

    void stop() {
        stopped = true;
    }
}
