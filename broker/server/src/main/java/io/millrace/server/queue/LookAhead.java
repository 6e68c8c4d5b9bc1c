package io.millrace.server.queue;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.DeliveryHeaders;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.coordinator.queue.Selection;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordIterator;
import io.millrace.server.coordinator.ReplicatedLog;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks at records before they are handed out: what their headers say of when, to whom and in which order they are delivered, and whether they match the selectors
 * of consumers.
 *
 * <p>Owned by the partition's loop, of which it takes one step at a time, of about a megabyte; where that is not enough it comes again behind what has
 * arrived meanwhile. It looks so far ahead of the next delivery that a higher priority is found within {@link QueueRules#lookAhead}
 * records and {@value #BYTES_MAX} bytes, and goes on to look when half of that is used up. For each selector it looks anew, in steps of its own, so that the search for
 * what matches holds up neither consumers without a selector nor, as all take turns, those with another one.
 */
final class LookAhead {
    private static final System.Logger LOGGER = System.getLogger(LookAhead.class.getName());

    private static final int STEP_BYTES = 1 << 20;
    private static final int SELECTING_STEP_BYTES = 256 << 10;
    private static final int BYTES_MAX = 16 << 20;
    private static final int UNPACKED_BYTES_MAX = 128 << 20;

    private final ReplicatedLog data;
    private final DataReader reader;
    private final SelectingReaders selectors;
    private final int recordsMax;
    private final Runnable onProgress;
    private final DeliveryHeaderReader headerReader = new DeliveryHeaderReader();
    private final Set<QueueCursor> filling = new HashSet<>();
    private final LookTurns turns = new LookTurns(STEP_BYTES);
    private final LookTurns selectingTurns = new LookTurns(SELECTING_STEP_BYTES);
    private boolean turnPlanned;

    /** @param onProgress called in a later turn of the loop where one step was not enough: all who wait come again */
    LookAhead(
            ReplicatedLog data, DataReader reader, SelectingReaders selectors, QueueRules rules, Runnable onProgress) {
        this.data = data;
        this.reader = reader;
        this.selectors = selectors;
        this.recordsMax = rules.lookAhead();
        this.onProgress = onProgress;
    }

    /** Whether the consumer can be served, or there is nothing more to look at for it. */
    boolean isEnough(QueueCursor cursor, ConsumerId consumer) {
        return cursor.isLookedAhead(consumer, data.highWatermark(), distance() / 2);
    }

    private long distance() {
        return Math.max(1, Math.min(recordsMax, (long) (BYTES_MAX / reader.recordBytes())));
    }

    /** Takes a step where the consumer needs that and it is its turn. An error where the log cannot be read. */
    ErrorCode step(QueueCursor cursor, ConsumerId consumer, long nowMs) {
        Selection selection = cursor.selection(consumer);
        var seeker = new LookTurns.Seeker(cursor, consumer);
        LookTurns its = selection.isAll() ? turns : selectingTurns;
        if (!mayStep(its, seeker, selection)) {
            return ErrorCode.NONE;
        }
        long next = cursor.nextToLookAt(selection, data.highWatermark());
        if (next == Long.MAX_VALUE) {
            filling.remove(cursor);
            return ErrorCode.NONE;
        }
        var step = new Step(selection, nowMs);
        ErrorCode error = step.look(next);
        boolean advances = !error.isError() && cursor.nextToLookAt(selection, data.highWatermark()) != next;
        its.onStep(seeker, step.bytes, advances && !isEnough(cursor, consumer));
        if (cursor.isLookedAhead(consumer, data.highWatermark(), distance())) {
            filling.remove(cursor);
        }
        return error;
    }

    private boolean mayStep(LookTurns its, LookTurns.Seeker seeker, Selection selection) {
        boolean mayStep;
        if (isEnough(seeker.cursor(), seeker.consumer())) {
            its.leave(seeker);
            mayStep = selection.isAll() && filling.contains(seeker.cursor()) && its.isFree();
        } else {
            if (selection.isAll()) {
                filling.add(seeker.cursor());
            }
            mayStep = its.mayStep(seeker);
        }
        return mayStep && !turnPlanned;
    }

    /** All who can be served are; others come again soon. */
    void endTurn() {
        if (turnPlanned) {
            return;
        }
        if (turns.isEmpty() && selectingTurns.isEmpty()) {
            turns.refill();
            selectingTurns.refill();
            return;
        }
        turnPlanned = true;
        data.loop().execute(() -> {
            turnPlanned = false;
            turns.begin();
            selectingTurns.begin();
            onProgress.run();
            turns.end();
            selectingTurns.end();
        });
    }

    /** One read of the log, looked at for one selection. */
    private final class Step {
        private final Selection selection;
        private final long nowMs;
        private int bytes;

        Step(Selection selection, long nowMs) {
            this.selection = selection;
            this.nowMs = nowMs;
        }

        ErrorCode look(long from) {
            boolean isAgain = selection.wasLookedAt(from);
            int wanted = selection.isAll() ? STEP_BYTES : SELECTING_STEP_BYTES;
            ReadBatches read = reader.read(from, isAgain ? DataReader.READ_BYTES_MIN : wanted);
            if (read == null) {
                return reader.error();
            }
            long next = from;
            for (RecordBatch batch : read.batches()) {
                if (batch.lastOffset() < next) {
                    continue;
                }
                if (batch.baseOffset() > next) {
                    selection.lookAtGap(next, batch.baseOffset() - 1);
                }
                if (!isAgain || selection.nextNotLookedAt(batch.baseOffset()) <= batch.lastOffset()) {
                    bytes += batch.sizeInBytes();
                    look(batch);
                }
                next = batch.nextOffset();
            }
            return ErrorCode.NONE;
        }

        private void look(RecordBatch batch) {
            if (batch.isControl()) {
                selection.lookAtGap(batch.baseOffset(), batch.lastOffset());
                return;
            }
            var walk = new Walk(selection, batch.baseOffset(), nowMs);
            try {
                RecordIterator records = batch.records(UNPACKED_BYTES_MAX);
                if (selection.isAll()) {
                    while (records.hasNext()) {
                        walk.onRecord(records.visitNext(headerReader), headerReader.headers(), true);
                    }
                } else {
                    SelectingReader matching = selectors.reader(selection.selector());
                    while (records.hasNext()) {
                        long offset = records.visitNext(matching);
                        walk.onRecord(offset, matching.headers(), matching.matches(offset));
                    }
                }
                walk.end(batch.lastOffset(), false);
            } catch (InvalidRecordException e) {
                // Whoever gets it cannot read it either, and says so; meanwhile it must not hold up what is behind it.
                LOGGER.log(DEBUG, () -> "A batch of the " + data + " cannot be looked into: " + batch, e);
                walk.end(batch.lastOffset(), true);
            }
        }
    }

    /** Tells a selection of the records of one batch: of plain ones together, of others and of gaps between them, of each of the rest. */
    private static final class Walk {
        private final Selection selection;
        private final long nowMs;
        private boolean areOthers; // those from here on
        private long from;
        private long next;

        Walk(Selection selection, long baseOffset, long nowMs) {
            this.selection = selection;
            this.nowMs = nowMs;
            this.from = baseOffset;
            this.next = baseOffset;
        }

        void onRecord(long offset, DeliveryHeaders headers, boolean matches) {
            if (offset > next) {
                tellBelow(next);
                selection.lookAtGap(next, offset - 1);
                from = offset;
            }
            next = offset + 1;
            boolean isPlain = matches && headers.isPlain(nowMs);
            if (matches && !isPlain) {
                tellBelow(offset);
                selection.lookAt(offset, headers, nowMs);
                from = next;
            } else if (areOthers == matches) {
                tellBelow(offset);
                areOthers = !matches;
            }
        }

        private void tellBelow(long end) {
            if (from >= end) {
                return;
            }
            if (areOthers) {
                selection.lookAtOthers(from, end - 1);
            } else {
                selection.lookAtPlain(from, end - 1);
            }
            from = end;
        }

        /** @param isUnreadable whether nothing is known of what is left */
        void end(long lastOffset, boolean isUnreadable) {
            if (isUnreadable) {
                tellBelow(next);
                areOthers = !selection.isAll();
                next = lastOffset + 1;
            }
            tellBelow(next);
            if (next <= lastOffset) {
                selection.lookAtGap(next, lastOffset);
            }
        }
    }
}
