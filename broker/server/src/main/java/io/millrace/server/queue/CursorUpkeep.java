package io.millrace.server.queue;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Cancellable;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.ReplicatedLog;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the two logs of a queue's partition short: takes checkpoints of the cursors, so that the cursor log before them can go, and gives up
 * records that everybody has acknowledged.
 *
 * <p>Owned by the partition's loop.
 */
final class CursorUpkeep {
    private static final System.Logger LOGGER = System.getLogger(CursorUpkeep.class.getName());

    /** The most records of a checkpoint in one batch: blocks take up to 8 KB each. */
    private static final int CHECKPOINT_BATCH_RECORDS = 32;

    /** How finely time is remembered for records that are kept for replay. */
    private static final int SAMPLES_MAX = 1_000;

    /**
     * What it works with.
     *
     * @param leaderEpoch makes the checkpoints of this leader differ from those of others
     * @param cursorData the cursor log, to be trimmed
     */
    record Plan(QueueRules rules, int leaderEpoch, ReplicatedLog cursorData, InstantSource clock) {}

    private record Sample(long timeMs, long prefixEnd) {}

    private final Plan plan;
    private final ReplicatedLog data;
    private final CoordinatorLog<CursorRecord> cursorLog;
    private final PartitionCursors cursors;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private int checkpoints;
    private boolean checkpointUnderWay;
    private long checkpointBytes;
    private long appendedBefore;
    private @Nullable Cancellable trimming;

    CursorUpkeep(Plan plan, ReplicatedLog data, CoordinatorLog<CursorRecord> cursorLog, PartitionCursors cursors) {
        this.plan = plan;
        this.data = data;
        this.cursorLog = cursorLog;
        this.cursors = cursors;
    }

    void start() {
        trimming = data.loop().schedule(plan.rules().trimIntervalMs(), this::trim);
    }

    void stop() {
        if (trimming != null) {
            trimming.cancel();
            trimming = null;
        }
    }

    /** Something was committed: maybe it is time for a checkpoint. */
    void onCommitted() {
        long appended = cursorLog.appendedBytes() - appendedBefore;
        long enough = Math.max(plan.rules().checkpointBytes(), 2 * checkpointBytes);
        if (appended >= enough && !checkpointUnderWay && !cursors.isChanging()) {
            takeCheckpoint();
        }
    }

    private void takeCheckpoint() {
        checkpointUnderWay = true;
        long covered = cursorLog.coveredOffset();
        long id = ((long) plan.leaderEpoch() << Integer.SIZE) | checkpoints++;
        List<CursorRecord> records = cursors.checkpoint(id, covered);
        var progress = new CheckpointProgress(covered, (records.size() - 1) / CHECKPOINT_BATCH_RECORDS + 1);
        for (int from = 0; from < records.size(); from += CHECKPOINT_BATCH_RECORDS) {
            int to = Math.min(records.size(), from + CHECKPOINT_BATCH_RECORDS);
            cursorLog.append(records.subList(from, to), progress);
        }
        checkpointBytes = records.size() * 64L + sizeOfBlocks(records);
        appendedBefore = cursorLog.appendedBytes() + checkpointBytes;
        LOGGER.log(DEBUG, () -> "Checkpoint " + id + " of the " + plan.cursorData() + " covers it below " + covered);
    }

    private static long sizeOfBlocks(List<CursorRecord> records) {
        return records.stream()
                .mapToLong(part -> part instanceof CursorRecord.CheckpointBlock block
                        ? block.acknowledged().size()
                        : 0)
                .sum();
    }

    /** Where a batch of the checkpoint is refused it is torn, has no effect, and the next one comes in time. */
    private final class CheckpointProgress implements AppendListener {
        private final long coveredOffset;
        private int batchesLeft;
        private boolean torn;

        CheckpointProgress(long coveredOffset, int batches) {
            this.coveredOffset = coveredOffset;
            this.batchesLeft = batches;
        }

        @Override
        public void onCommitted() {
            onBatch();
        }

        @Override
        public void onRefused(ErrorCode error) {
            LOGGER.log(WARNING, () -> "A checkpoint of the " + plan.cursorData() + " was refused: " + error);
            torn = true;
            onBatch();
        }

        @Override
        public void onUncertain(ErrorCode error) {
            // It is told again once it is committed.
        }

        private void onBatch() {
            batchesLeft--;
            if (batchesLeft == 0) {
                checkpointUnderWay = false;
                if (!torn) {
                    plan.cursorData().advanceLogStartOffset(coveredOffset);
                }
            }
        }
    }

    private void trim() {
        long now = plan.clock().millis();
        noteSample(now);
        long end = data.logStartOffset();
        while (!samples.isEmpty() && samples.peekFirst().timeMs() + plan.rules().replayRetentionMs() <= now) {
            end = samples.removeFirst().prefixEnd();
        }
        if (end > data.logStartOffset()) {
            CompletableFuture<?> trimmed = data.advanceLogStartOffset(end);
            trimmed.exceptionally(failure -> {
                LOGGER.log(WARNING, () -> "Cannot give up what is acknowledged of the " + data, failure);
                return null;
            });
        }
        trimming = data.loop().schedule(plan.rules().trimIntervalMs(), this::trim);
    }

    private void noteSample(long now) {
        Sample last = samples.peekLast();
        if (last != null && last.prefixEnd() == cursors.prefixEnd()) {
            return;
        }
        if (samples.size() >= SAMPLES_MAX) {
            samples.removeLast(); // what it stood for is given up later, with the new one
        }
        samples.addLast(new Sample(now, cursors.prefixEnd()));
    }
}
