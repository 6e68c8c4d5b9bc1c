package io.millrace.storage;

import static java.lang.System.Logger.Level.DEBUG;

import java.util.List;

/**
 * The last segment of a log, which takes the appends, and when another one takes its place.
 *
 * <p>Owned by the owner of the log.
 */
final class ActiveSegment {

    private static final System.Logger LOGGER = System.getLogger(ActiveSegment.class.getName());

    private final LogFiles files;
    private final Segments segments;

    ActiveSegment(LogFiles files, Segments segments) {
        this.files = files;
        this.segments = segments;
    }

    /** The segment that takes the batches: the last one, or a new one where they do not fit into it any more. */
    LogSegment segmentFor(
            AcceptedBatches batches, LogConfiguration configuration, ProducerStates producers, long nowMs) {
        long baseOffset = batches.first().baseOffset();
        if (baseOffset < segments.last().baseOffset()) {
            replaceEmpty(LogSegment.create(files, baseOffset, nowMs));
        }
        LogSegment active = segments.last();
        return mustRoll(active, batches, configuration, nowMs)
                ? roll(baseOfNext(active, batches), producers, nowMs)
                : active;
    }

    /** A segment begins where the one before it ends, so that whatever is missing between them was lost. */
    private static long baseOfNext(LogSegment active, AcceptedBatches batches) {
        long end = active.end().nextOffset();
        boolean isTooFar = batches.last().lastOffset() - end >= Integer.MAX_VALUE;
        return isTooFar ? batches.first().baseOffset() : end;
    }

    private void replaceEmpty(LogSegment replacement) {
        List<LogSegment> empty = segments.all();
        segments.replace(List.of(replacement));
        empty.forEach(LogSegment::delete);
    }

    private static boolean mustRoll(
            LogSegment active, AcceptedBatches batches, LogConfiguration configuration, long nowMs) {
        if (batches.last().lastOffset() - active.baseOffset() >= Integer.MAX_VALUE) {
            return true;
        }
        if (active.isSealed()) {
            // There was no room for its successor when it was sealed.
            return true;
        }
        if (active.isEmpty()) {
            return false;
        }
        return (long) active.end().bytes() + batches.bytes().readableBytes() > configuration.segmentBytes()
                || nowMs - active.createdMs() >= configuration.rollMs()
                || active.indexBytes() + SegmentIndex.ENTRY_BYTES > configuration.segmentIndexBytes();
    }

    /** Ends the last segment when it has had its time, although nothing is appended; false when it has not. */
    boolean rollIfOld(LogConfiguration configuration, ProducerStates producers, long nowMs) {
        LogSegment last = segments.last();
        if (last.isEmpty() || nowMs - last.createdMs() < configuration.rollMs()) {
            return false;
        }
        try {
            roll(last.end().nextOffset(), producers, nowMs);
            return true;
        } catch (DiskFullException e) {
            LOGGER.log(DEBUG, () -> files.log(last.baseOffset()) + " gets no successor yet: " + e.getMessage());
            return false;
        }
    }

    /** Ends the last segment and begins another one; an empty one that begins there already goes on. */
    LogSegment roll(long baseOffset, ProducerStates producers, long nowMs) {
        LogSegment full = segments.last();
        if (full.baseOffset() == baseOffset) {
            return full;
        }
        if (!full.isEmpty()) {
            full.seal();
            producers.writeSnapshot(files, baseOffset);
        }
        LogSegment next = LogSegment.create(files, baseOffset, nowMs);
        segments.add(next);
        LOGGER.log(DEBUG, () -> "Rolled " + files.log(baseOffset));
        return next;
    }
}
