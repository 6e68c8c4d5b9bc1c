package io.millrace.storage;

import io.millrace.storage.compaction.CompactionConfiguration;
import java.time.Duration;

/**
 * The rules of one log. The keys of topics that set them stand beside each.
 *
 * @param segmentBytes {@code segment.bytes}: a segment is not appended to beyond this size
 * @param segmentMs {@code segment.ms}: age at which a segment gets a successor
 * @param indexIntervalBytes {@code index.interval.bytes}: bytes of log for each index entry
 * @param segmentIndexBytes {@code segment.index.bytes}: a segment gets a successor when its index is so large
 * @param retentionMs {@code retention.ms}: age of the newest record at which a segment is deleted, or {@link #UNLIMITED}
 * @param retentionBytes {@code retention.bytes}: size of the log above which old segments are deleted, or
 *     {@link #UNLIMITED}
 * @param producerIdExpirationMs {@code producer.id.expiration.ms}: how long a silent producer is remembered
 * @param producerIdsMax bound on the producers that are remembered; the longest silent one is forgotten first
 * @param flushPolicy {@code flush.policy}: when an append counts as kept
 * @param compaction whether and when only the last record of each key is kept
 */
public record LogConfiguration(
        int segmentBytes,
        long segmentMs,
        int indexIntervalBytes,
        int segmentIndexBytes,
        long retentionMs,
        long retentionBytes,
        long producerIdExpirationMs,
        int producerIdsMax,
        FlushPolicy flushPolicy,
        CompactionConfiguration compaction) {

    public static final long UNLIMITED = -1;

    /** What holds where a topic sets nothing. */
    public static final LogConfiguration DEFAULT = new LogConfiguration(
            1024 * 1024 * 1024,
            Duration.ofDays(7).toMillis(),
            16 * 1024,
            10 * 1024 * 1024,
            Duration.ofDays(7).toMillis(),
            UNLIMITED,
            Duration.ofDays(1).toMillis(),
            10_000,
            FlushPolicy.OS,
            CompactionConfiguration.OFF);

    public LogConfiguration {
        requireAtLeast("segment.bytes", segmentBytes, 1);
        requireAtLeast("segment.ms", segmentMs, 1);
        requireAtLeast("index.interval.bytes", indexIntervalBytes, 0);
        requireAtLeast("segment.index.bytes", segmentIndexBytes, 2 * SegmentIndex.ENTRY_BYTES);
        requireAtLeast("retention.ms", retentionMs, UNLIMITED);
        requireAtLeast("retention.bytes", retentionBytes, UNLIMITED);
        requireAtLeast("producer.id.expiration.ms", producerIdExpirationMs, 1);
        requireAtLeast("the bound of remembered producers", producerIdsMax, 1);
    }

    private static void requireAtLeast(String key, long value, long min) {
        if (value < min) {
            throw new IllegalArgumentException(key + " is " + value + "; it must be at least " + min);
        }
    }

    public LogConfiguration withSegmentBytes(int bytes) {
        return new LogConfiguration(
                bytes,
                segmentMs,
                indexIntervalBytes,
                segmentIndexBytes,
                retentionMs,
                retentionBytes,
                producerIdExpirationMs,
                producerIdsMax,
                flushPolicy,
                compaction);
    }

    public LogConfiguration withSegmentMs(long ms) {
        return new LogConfiguration(
                segmentBytes,
                ms,
                indexIntervalBytes,
                segmentIndexBytes,
                retentionMs,
                retentionBytes,
                producerIdExpirationMs,
                producerIdsMax,
                flushPolicy,
                compaction);
    }

    public LogConfiguration withIndex(int intervalBytes, int indexBytes) {
        return new LogConfiguration(
                segmentBytes,
                segmentMs,
                intervalBytes,
                indexBytes,
                retentionMs,
                retentionBytes,
                producerIdExpirationMs,
                producerIdsMax,
                flushPolicy,
                compaction);
    }

    public LogConfiguration withRetention(long ms, long bytes) {
        return new LogConfiguration(
                segmentBytes,
                segmentMs,
                indexIntervalBytes,
                segmentIndexBytes,
                ms,
                bytes,
                producerIdExpirationMs,
                producerIdsMax,
                flushPolicy,
                compaction);
    }

    public LogConfiguration withProducers(long expirationMs, int idsMax) {
        return new LogConfiguration(
                segmentBytes,
                segmentMs,
                indexIntervalBytes,
                segmentIndexBytes,
                retentionMs,
                retentionBytes,
                expirationMs,
                idsMax,
                flushPolicy,
                compaction);
    }

    public LogConfiguration withFlushPolicy(FlushPolicy policy) {
        return new LogConfiguration(
                segmentBytes,
                segmentMs,
                indexIntervalBytes,
                segmentIndexBytes,
                retentionMs,
                retentionBytes,
                producerIdExpirationMs,
                producerIdsMax,
                policy,
                compaction);
    }

    public LogConfiguration withCompaction(CompactionConfiguration rules) {
        return new LogConfiguration(
                segmentBytes,
                segmentMs,
                indexIntervalBytes,
                segmentIndexBytes,
                retentionMs,
                retentionBytes,
                producerIdExpirationMs,
                producerIdsMax,
                flushPolicy,
                rules);
    }

    /** Age at which a segment gets a successor: what must be compacted by then may not stay in the last one. */
    long rollMs() {
        return compaction.enabled() ? Math.min(segmentMs, compaction.maxLagMs()) : segmentMs;
    }
}
