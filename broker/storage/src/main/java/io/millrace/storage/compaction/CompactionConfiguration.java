package io.millrace.storage.compaction;

import java.time.Duration;

/**
 * When a log is compacted and how long what is deleted can still be seen.
 *
 * @param enabled whether {@code cleanup.policy} names {@code compact}
 * @param minDirtyRatio {@code min.cleanable.dirty.ratio}: share of bytes never compacted above which compaction pays
 * @param minLagMs {@code min.compaction.lag.ms}: records stay at least for so long
 * @param maxLagMs {@code max.compaction.lag.ms}: records are compacted after so long, whatever their share
 * @param deleteRetentionMs {@code delete.retention.ms}: how long tombstones stay after they have done their work
 */
public record CompactionConfiguration(
        boolean enabled, double minDirtyRatio, long minLagMs, long maxLagMs, long deleteRetentionMs) {

    /** Of a log that is not compacted. */
    public static final CompactionConfiguration OFF = new CompactionConfiguration(
            false, 0.5, 0, Long.MAX_VALUE, Duration.ofDays(1).toMillis());

    public CompactionConfiguration {
        if (!(minDirtyRatio >= 0 && minDirtyRatio <= 1)) {
            throw new IllegalArgumentException(
                    "min.cleanable.dirty.ratio is " + minDirtyRatio + "; it must be from 0 to 1");
        }
        requireAtLeast("min.compaction.lag.ms", minLagMs, 0);
        requireAtLeast("max.compaction.lag.ms", maxLagMs, 1);
        requireAtLeast("delete.retention.ms", deleteRetentionMs, 0);
        if (minLagMs > maxLagMs) {
            throw new IllegalArgumentException("min.compaction.lag.ms is " + minLagMs
                    + "; it must be at most max.compaction.lag.ms, which is " + maxLagMs);
        }
    }

    private static void requireAtLeast(String key, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(key + " is " + value + "; it must be at least " + min);
        }
    }
}
