package io.millrace.storage;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the tail of a log away: the batches behind an offset, or all.
 *
 * <p>Owned by the owner of the log, who keeps {@link LogFlush} off while data goes that may be being forced. Invariant: the checkpoint on disk
 * promises nothing that a crash in the midst could leave missing; so it is written before anything goes.
 */
final class TailCut {

    private final LogFiles files;
    private final Segments segments;
    private final LogOffsets offsets;
    private final CheckpointWriter checkpoints;
    private final InstantSource clock;

    TailCut(LogState state, InstantSource clock) {
        this.files = state.files();
        this.segments = state.segments();
        this.offsets = state.offsets();
        this.checkpoints = state.checkpoints();
        this.clock = clock;
    }

    /** Whether a truncation to this offset within the log would leave a batch before it. */
    boolean leavesAnything(long offset) {
        // One batch may reach from below the start of the log to above the offset; nothing is left without it.
        return endAfter(offset) >= offsets.logStartOffset();
    }

    /** Where the log would end if it were cut at an offset, before which something is left. */
    long endAfter(long offset) {
        List<LogSegment> all = segments.all();
        int i = segments.indexOf(offset - 1);
        long end = all.get(i).endOffsetBelow(offset);
        // A segment of which nothing is left may begin behind a gap.
        return i > 0 && end <= all.get(i).baseOffset() ? all.get(i - 1).end().nextOffset() : end;
    }

    /** Drops all batches that hold records at or above an offset, of which some are left. While nothing is being forced. */
    void dropFrom(long offset) {
        List<LogSegment> all = segments.all();
        int i = segments.indexOf(offset - 1);
        LogSegment last = all.get(i);
        long end = endAfter(offset);
        offsets.cutTo(end);
        checkpoints.forceLowered();
        if (end <= last.baseOffset()) {
            replaceFrom(i, end);
        } else {
            cut(i, offset);
        }
        offsets.endAt(segments.last().end().nextOffset());
    }

    private void cut(int i, long offset) {
        List<LogSegment> all = segments.all();
        LogSegment last = all.get(i);
        segments.replace(all.subList(0, i + 1));
        all.subList(i + 1, all.size()).forEach(LogSegment::delete);
        boolean whole = last.end().nextOffset() <= offset;
        boolean mayGrow = whole ? last.reopen() : last.truncateTo(offset);
        if (!mayGrow) {
            segments.add(LogSegment.create(files, last.end().nextOffset(), clock.millis()));
        }
    }

    /** A new segment in the place of some: it may have the name of one of them, whose file readers may still hold. */
    private void replaceFrom(int i, long baseOffset) {
        List<LogSegment> all = segments.all();
        List<LogSegment> dropped = all.subList(i, all.size());
        dropped.forEach(LogSegment::removeFiles);
        var kept = new ArrayList<>(all.subList(0, i));
        kept.add(LogSegment.create(files, baseOffset, clock.millis()));
        segments.replace(kept);
        dropped.forEach(LogSegment::giveUp);
    }

    /** Drops everything, and what is known of producers on disk; the log goes on at an offset. While nothing is being forced. */
    void startOverAt(long offset, LogProducers producers) {
        offsets.startOverAt(offset);
        checkpoints.forceLowered();
        producers.removeSnapshots();
        replaceFrom(0, offset);
        offsets.endAt(offset);
    }
}
