package io.millrace.storage;

import io.millrace.storage.compaction.ProducerEnd;
import java.util.List;
import java.util.Map;

/**
 * What one cleaning may touch, as the owner of the log saw it.
 *
 * @param generation of the log; after a truncation it is another one and the plan is void
 * @param segments from the first of the log on, sealed, committed and old enough
 * @param firstDirtyOffset below it the log is compacted already
 * @param producers what must be kept of each
 */
record CleaningPlan(
        LogFiles files,
        LogConfiguration configuration,
        long nowMs,
        int generation,
        List<LogSegment> segments,
        long firstDirtyOffset,
        Map<Long, ProducerEnd> producers) {

    long endOffset() {
        return segments.get(segments.size() - 1).end().nextOffset();
    }
}
