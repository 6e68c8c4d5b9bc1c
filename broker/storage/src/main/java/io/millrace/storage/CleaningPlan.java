package io.millrace.storage;

import java.util.List;
import java.util.Set;

/**
 * What one cleaning may touch, as the owner of the log saw it.
 *
 * @param generation of the log; after a truncation it is another one and the plan is void
 * @param segments from the first of the log on, sealed, committed and old enough
 * @param firstDirtyOffset below it the log is compacted already
 * @param producerIds of the producers that the log remembers
 */
record CleaningPlan(
        LogFiles files,
        LogConfiguration configuration,
        long nowMs,
        int generation,
        List<LogSegment> segments,
        long firstDirtyOffset,
        Set<Long> producerIds) {

    long endOffset() {
        return segments.get(segments.size() - 1).end().nextOffset();
    }
}
