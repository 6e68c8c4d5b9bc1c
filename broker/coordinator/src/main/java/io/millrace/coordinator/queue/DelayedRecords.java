package io.millrace.coordinator.queue;

import java.util.TreeMap;

/**
 * Records that are not due yet.
 *
 * <p>Not safe for use by several threads. Some are kept with their times; when there are too many of these, others are kept in
 * buckets that begin before they are due, at some bits a record. When a bucket begins its records must be looked at again, and
 * come into a shorter one, or are due.
 *
 * <pre>
 *   due within a minute: buckets of a second | an hour: a minute | two days: an hour | later: a day
 * </pre>
 */
final class DelayedRecords {
    /** How many are kept with their times: 6 MB. */
    static final int EXACT_MAX = 250_000;

    private static final long SECOND_MS = 1_000;
    private static final long MINUTE_MS = 60 * SECOND_MS;
    private static final long HOUR_MS = 60 * MINUTE_MS;
    private static final long DAY_MS = 24 * HOUR_MS;

    private final int exactMax;
    private final TimedOffsets exact = new TimedOffsets();
    private final TreeMap<Long, OffsetSet> buckets = new TreeMap<>(); // by when they begin

    /** @param exactMax how many are kept with their times */
    DelayedRecords(int exactMax) {
        this.exactMax = exactMax;
    }

    void add(long dueMs, long offset, long nowMs) {
        if (exact.size() < exactMax) {
            exact.add(dueMs, offset, 0);
            return;
        }
        long width = widthFor(dueMs - nowMs);
        long begin = Math.floorDiv(dueMs, width) * width;
        // One that has begun would be looked at again and again; so a record may come a second late, but not early.
        long bucket = begin > nowMs ? begin : begin + width;
        buckets.computeIfAbsent(bucket, ignored -> new OffsetSet()).add(offset, offset);
    }

    private static long widthFor(long distanceMs) {
        if (distanceMs < MINUTE_MS) {
            return SECOND_MS;
        }
        if (distanceMs < HOUR_MS) {
            return MINUTE_MS;
        }
        return distanceMs < 2 * DAY_MS ? HOUR_MS : DAY_MS;
    }

    /** When something will be due or a bucket begins; {@link Long#MAX_VALUE} where nothing is delayed. */
    long nextMs() {
        return Math.min(exact.firstTimeMs(), buckets.isEmpty() ? Long.MAX_VALUE : buckets.firstKey());
    }

    /**
     * Gives up what has become due, and what may have.
     *
     * @param due receives the former
     * @param near receives the latter: it must be looked at again
     */
    void moveTo(OffsetSet due, OffsetSet near, long nowMs) {
        while (exact.firstTimeMs() <= nowMs && exact.size() > 0) {
            due.add(exact.firstOffset(), exact.firstOffset());
            exact.removeFirst();
        }
        while (!buckets.isEmpty() && buckets.firstKey() <= nowMs) {
            near.addAll(buckets.pollFirstEntry().getValue());
        }
    }

    /** Forgets what lies within both ends. */
    void remove(long first, long last) {
        if (exact.size() > 0) {
            exact.retain((offset, ignored) -> offset < first || offset > last);
        }
        buckets.values().forEach(bucket -> bucket.remove(first, last));
        buckets.values().removeIf(OffsetSet::isEmpty);
    }

    boolean isEmpty() {
        return exact.size() == 0 && buckets.isEmpty();
    }
}
