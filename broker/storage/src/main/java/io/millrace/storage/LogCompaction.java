package io.millrace.storage;

import io.millrace.storage.compaction.BatchFilter;
import io.millrace.storage.compaction.CompactionConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * How far one log is compacted, what a cleaning may touch, and what becomes of its result.
 *
 * <p>Owned by the owner of the log; {@link #dirtiness} may be asked by any thread. Invariant: below the first dirty offset no
 * record was appended since the last cleaning; a truncation lowers it, on disk before anything goes.
 */
final class LogCompaction {

    /** Due whatever the share of dirty bytes: before all that is due by its share. */
    private static final double OVERDUE = 2;

    private final LogFiles files;
    private final Segments segments;
    private final LogOffsets offsets;
    private final FailStop failStop;
    private final Supplier<LogConfiguration> configuration;
    private final Supplier<ProducerStates> producers;

    private volatile CleanerCheckpoint checkpoint;
    private int generation;

    /** @param producers that the log remembers, as they are now */
    LogCompaction(LogState state, Supplier<LogConfiguration> configuration, Supplier<ProducerStates> producers) {
        this.files = state.files();
        this.segments = state.segments();
        this.offsets = state.offsets();
        this.failStop = state.failStop();
        this.configuration = configuration;
        this.producers = producers;
        this.checkpoint = CleanerCheckpoint.read(files).orElse(new CleanerCheckpoint(0, BatchFilter.NO_HORIZON));
        lowerTo(offsets.logEndOffset());
    }

    /** Where the part begins that was never compacted. */
    long firstDirtyOffset() {
        return Math.max(offsets.logStartOffset(), checkpoint.firstDirtyOffset());
    }

    /** Before batches at or above an offset go: what comes there will not be compacted, and a cleaning under way is void. */
    final void lowerTo(long offset) {
        generation++;
        if (offset >= checkpoint.firstDirtyOffset()) {
            return;
        }
        // The log may come to end before the offset, but not before the segment that holds what is below it.
        LogSegment holder = segments.all().get(segments.indexOf(offset - 1));
        long lowered = Math.min(offset, holder.baseOffset());
        CleanerCheckpoint changed = new CleanerCheckpoint(lowered, checkpoint.nextHorizonMs());
        changed.write(files, true);
        checkpoint = changed;
    }

    /** How much the log needs a cleaning, from 0 to 2; empty while it needs none. Any thread. */
    OptionalDouble dirtiness(long nowMs) {
        CompactionConfiguration rules = configuration.get().compaction();
        if (!rules.enabled() || failStop.isClosed() || failStop.hasFailed()) {
            return OptionalDouble.empty();
        }
        long firstDirty = firstDirtyOffset();
        long bytes = 0;
        long dirtyBytes = 0;
        boolean overdue = false;
        for (LogSegment segment : cleanable(rules, nowMs)) {
            LogSegment.End end = segment.end();
            bytes += end.bytes();
            if (end.nextOffset() > firstDirty) {
                dirtyBytes += end.bytes();
                overdue |= nowMs - segment.createdMs() >= rules.maxLagMs();
            }
        }
        overdue |= bytes > 0 && nowMs >= checkpoint.nextHorizonMs();
        double ratio = bytes == 0 ? 0 : (double) dirtyBytes / bytes;
        if (overdue) {
            return OptionalDouble.of(OVERDUE);
        }
        return dirtyBytes > 0 && ratio > rules.minDirtyRatio() ? OptionalDouble.of(ratio) : OptionalDouble.empty();
    }

    /** The first segments of the log, as far as they are sealed, committed and older than the least lag. */
    private List<LogSegment> cleanable(CompactionConfiguration rules, long nowMs) {
        List<LogSegment> all = segments.all();
        List<LogSegment> cleanable = new ArrayList<>();
        for (LogSegment segment : all.subList(0, all.size() - 1)) {
            LogSegment.End end = segment.end();
            boolean tooYoung = rules.minLagMs() > 0 && end.maxTimestamp() > nowMs - rules.minLagMs();
            if (end.nextOffset() > offsets.highWatermark() || tooYoung) {
                break;
            }
            cleanable.add(segment);
        }
        return cleanable;
    }

    CleaningPlan plan(long nowMs) {
        LogConfiguration rules = configuration.get();
        return new CleaningPlan(
                files,
                rules,
                nowMs,
                generation,
                cleanable(rules.compaction(), nowMs),
                firstDirtyOffset(),
                producers.get().ids());
    }

    /**
     * Puts a cleaned segment in the place of its sources, or discards it when the log has changed under it.
     *
     * @return whether it is in the log now
     */
    boolean swapIn(CleaningPlan plan, CleanedSegment cleaned) {
        failStop.ensureUsable();
        List<LogSegment> all = segments.all();
        List<LogSegment> sources = cleaned.sources();
        int from = all.indexOf(sources.get(0));
        int to = from + sources.size();
        if (plan.generation() != generation
                || from < 0
                || to >= all.size()
                || !all.subList(from, to).equals(sources)) {
            cleaned.discard();
            return false;
        }
        return failStop.changeWhole(() -> {
            new SegmentSwap(files).commit(cleaned);
            List<LogSegment> changed = new ArrayList<>(all.subList(0, from));
            LogSegment swappedIn = LogSegment.openSealed(files, cleaned.baseOffset(), cleaned.end(), plan.nowMs());
            changed.add(swappedIn);
            changed.addAll(all.subList(to, all.size()));
            segments.replace(changed);
            ProducerReplay.retainMarkers(swappedIn, producers.get().transactions());
            sources.forEach(LogSegment::giveUp);
            return true;
        });
    }

    /** After a whole cleaning: remembers how far it came. */
    boolean finish(CleaningPlan plan, long firstDirtyOffset, long nextHorizonMs) {
        failStop.ensureUsable();
        if (plan.generation() != generation) {
            return false;
        }
        return failStop.change(() -> {
            CleanerCheckpoint changed =
                    new CleanerCheckpoint(Math.max(checkpoint.firstDirtyOffset(), firstDirtyOffset), nextHorizonMs);
            changed.write(files, false);
            checkpoint = changed;
            return true;
        });
    }
}
