package io.millrace.storage;

import java.time.InstantSource;

/**
 * Truncates a log: all that knows of what goes is told in turn, those first whom a crash in the midst would leave with a wrong word.
 *
 * <p>Owned by the owner of the log.
 */
final class LogTruncation {

    private final LogState state;
    private final LogCompaction compaction;
    private final LogDurability durability;
    private final LogFlush flush;
    private final LogProducers producers;
    private final TailCut tail;

    LogTruncation(
            LogState state,
            LogCompaction compaction,
            LogDurability durability,
            LogFlush flush,
            LogProducers producers,
            InstantSource clock) {
        this.state = state;
        this.compaction = compaction;
        this.durability = durability;
        this.flush = flush;
        this.producers = producers;
        this.tail = new TailCut(state, clock);
    }

    /** See {@link PartitionLog#truncateTo}. */
    boolean truncateTo(long offset) {
        state.failStop().ensureUsable();
        LogOffsets offsets = state.offsets();
        if (offset >= offsets.logEndOffset()) {
            // Epochs that begin at the end hold nothing, and the leader that truncates this log may not know them.
            state.epochs().truncateFromEnd(offsets.logEndOffset());
            return false;
        }
        if (offset < offsets.logStartOffset()
                || offset <= state.segments().first().baseOffset()) {
            startOverAt(offset);
        } else if (!tail.leavesAnything(offset)) {
            startOverAt(offsets.logStartOffset());
        } else {
            cutAt(offset);
        }
        return true;
    }

    private void cutAt(long offset) {
        changeWhole(() -> {
            compaction.lowerTo(offset);
            durability.truncating(tail.endAfter(offset));
            flush.exclude(() -> {
                tail.dropFrom(offset);
                durability.done();
            });
            long end = state.offsets().logEndOffset();
            state.epochs().truncateFromEnd(end);
            producers.truncateTo(end, state.segments());
            producers.onHighWatermark(state.offsets().highWatermark());
        });
    }

    /** Drops everything; the log goes on at an offset, which may be anywhere. */
    void startOverAt(long offset) {
        state.failStop().ensureUsable();
        changeWhole(() -> {
            compaction.lowerTo(offset);
            durability.startingOver(offset);
            flush.exclude(() -> {
                tail.startOverAt(offset, producers);
                durability.done();
            });
            state.epochs().clear();
            producers.clear();
        });
    }

    private void changeWhole(Runnable change) {
        state.failStop().changeWhole(() -> {
            change.run();
            return true;
        });
    }
}
