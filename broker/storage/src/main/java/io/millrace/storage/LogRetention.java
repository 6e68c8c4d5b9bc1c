package io.millrace.storage;

import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Moves the start of a log up, by its rules or by order, and deletes the segments before it.
 *
 * <p>Owned by the owner of the log. Invariant: the start on disk is never below the first segment.
 */
final class LogRetention {

    private final LogState state;
    private final ActiveSegment active;
    private final LogProducers producers;
    private final Supplier<LogConfiguration> configuration;
    private final InstantSource clock;

    LogRetention(
            LogState state,
            ActiveSegment active,
            LogProducers producers,
            Supplier<LogConfiguration> configuration,
            InstantSource clock) {
        this.state = state;
        this.active = active;
        this.producers = producers;
        this.configuration = configuration;
        this.clock = clock;
    }

    /** See {@link PartitionLog#advanceLogStartOffset}. */
    boolean advanceTo(long offset) {
        state.failStop().ensureUsable();
        LogOffsets offsets = state.offsets();
        if (offset > offsets.highWatermark()) {
            throw new IllegalArgumentException(
                    "The log cannot start at " + offset + ", above its high watermark " + offsets.highWatermark());
        }
        if (offset <= offsets.logStartOffset()) {
            return false;
        }
        state.failStop().change(() -> dropBelow(offset));
        return true;
    }

    /** See {@link PartitionLog#deleteOldSegments}. */
    int deleteOldSegments(long neededFrom) {
        state.failStop().ensureUsable();
        long nowMs = clock.millis();
        LogConfiguration rules = configuration.get();
        producers.states().forget(nowMs, rules);
        state.failStop().change(() -> active.rollIfOld(rules, producers.states(), nowMs));
        long newStart = Math.min(
                neededFrom,
                new Retention(rules, nowMs)
                        .startOffset(state.segments().all(), state.offsets().highWatermark()));
        if (newStart <= state.offsets().logStartOffset()) {
            return 0;
        }
        return state.failStop().change(() -> {
            if (newStart == state.offsets().logEndOffset()
                    && !state.segments().last().isEmpty()) {
                active.roll(newStart, producers.states(), nowMs);
            }
            return dropBelow(newStart);
        });
    }

    /** Makes records below an offset unreadable and deletes the segments that hold no others; answers how many. */
    private int dropBelow(long offset) {
        LogOffsets offsets = state.offsets();
        CheckpointWriter checkpoints = state.checkpoints();
        long before = offsets.logStartOffset();
        offsets.startAt(offset);
        try {
            checkpoints.writeLowered();
        } catch (DiskFullException e) {
            offsets.startAt(before);
            throw e;
        }
        List<LogSegment> all = state.segments().all();
        int dropped = 0;
        while (dropped < all.size() - 1 && all.get(dropped + 1).baseOffset() <= offset) {
            dropped++;
        }
        if (dropped > 0) {
            checkpoints.forceIfLowered();
        }
        state.segments().replace(all.subList(dropped, all.size()));
        all.subList(0, dropped).forEach(LogSegment::delete);
        state.epochs().truncateFromStart(offset);
        producers.states().transactions().forgetBelow(offset);
        return dropped;
    }
}
