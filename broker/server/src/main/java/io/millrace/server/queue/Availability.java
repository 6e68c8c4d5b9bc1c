package io.millrace.server.queue;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.ReplicatedLog;
import java.util.UUID;

/**
 * Keeps cursors up to date with the log and the time: which records are there, due and not expired.
 *
 * <p>Owned by the partition's loop.
 */
final class Availability {
    private static final ConsumerId NOBODY = new ConsumerId(-1, new UUID(0, 0));

    /** What it changes. */
    record Parts(
            CoordinatorLog<CursorRecord> cursorLog,
            PartitionCursors cursors,
            CursorUpkeep upkeep,
            SelectingReaders selectors) {}

    private final ReplicatedLog data;
    private final DataReader reader;
    private final PartitionCursors cursors;
    private final LookAhead lookAhead;
    private final UnwantedRecords unwanted;
    private final DeliveryTimes times;
    private final Runnable onChange;
    private final long idleIntervalMs;
    private long logStartOffset;
    private boolean stopped;

    /** @param onChange called when somebody may be served who could not before */
    Availability(ReplicatedLog data, DataReader reader, Parts parts, CursorUpkeep.Plan plan, Runnable onChange) {
        this.data = data;
        this.reader = reader;
        this.cursors = parts.cursors();
        this.lookAhead = new LookAhead(data, reader, parts.selectors(), plan.rules(), onChange);
        this.unwanted = new UnwantedRecords(parts.cursorLog(), cursors, data.loop(), () -> {
            parts.upkeep().onCommitted();
            onChange.run(); // more may be held again
        });
        this.times = new DeliveryTimes(cursors, data.loop(), plan.clock(), this::onTime);
        this.onChange = onChange;
        this.idleIntervalMs = plan.rules().trimIntervalMs();
        this.logStartOffset = data.logStartOffset();
    }

    /** Finds what expires also while nobody consumes. */
    void start() {
        data.loop().schedule(idleIntervalMs, this::lookIdly);
    }

    private void lookIdly() {
        if (!stopped) {
            cursors.cursors().forEach(cursor -> look(cursor, NOBODY));
            onChange.run(); // what has expired may go to the dead-letter queue
            start();
        }
    }

    /** Tells the cursor what is new, a step of it; an error where the log cannot be read. */
    ErrorCode look(QueueCursor cursor, ConsumerId consumer) {
        takeOverLogStart();
        long nowMs = times.tell(cursor);
        ErrorCode error = lookAhead.step(cursor, consumer, nowMs);
        unwanted.settle(cursor);
        return error;
    }

    /** Whether enough is known to serve the consumer; else there is another turn. */
    boolean isKnown(QueueCursor cursor, ConsumerId consumer) {
        return lookAhead.isEnough(cursor, consumer);
    }

    void takeOverLogStart() {
        if (data.logStartOffset() > logStartOffset) {
            logStartOffset = data.logStartOffset();
            cursors.onLogStartOffset(logStartOffset);
        }
    }

    private void onTime() {
        if (!stopped) {
            cursors.cursors().forEach(times::tell);
            cursors.cursors().forEach(unwanted::settle);
            onChange.run();
        }
    }

    /** Gives up what was read, and sees to it that the next change that time brings is not missed. */
    void endTurn() {
        reader.forget();
        if (!stopped) {
            lookAhead.endTurn();
            times.watch();
        }
    }

    void stop() {
        stopped = true;
        unwanted.stop();
        times.stop();
        reader.forget();
    }
}
