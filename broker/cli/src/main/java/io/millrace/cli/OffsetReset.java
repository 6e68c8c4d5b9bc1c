package io.millrace.cli;

import io.millrace.client.TopicPartition;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a group is to go on in one partition.
 *
 * @param before null where it had read nothing
 * @param wanted what was asked for
 * @param after the nearest to it that the partition has
 */
record OffsetReset(TopicPartition partition, @Nullable Long before, long wanted, long after) {

    /** To an offset, or to the nearer end of the log. */
    static OffsetReset to(
            TopicPartition partition,
            @Nullable Long before,
            long wanted,
            Map<TopicPartition, Long> beginnings,
            long end) {
        long beginning = Math.min(end, beginnings.getOrDefault(partition, 0L));
        return new OffsetReset(partition, before, wanted, Math.max(beginning, Math.min(end, wanted)));
    }

    boolean wasLimited() {
        return wanted != after;
    }

    boolean changesSomething() {
        return before == null || before != after;
    }
}
