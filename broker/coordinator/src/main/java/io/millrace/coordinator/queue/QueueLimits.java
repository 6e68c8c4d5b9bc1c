package io.millrace.coordinator.queue;

/**
 * What a cursor keeps in memory at most.
 *
 * @param heldMax records that are acquired, settling or waiting for their next delivery at once
 * @param groupedMax records of groups that wait; with more of them nobody looks further ahead
 * @param exactDelaysMax delayed records that are kept with their times; others come into buckets
 */
public record QueueLimits(int heldMax, int groupedMax, int exactDelaysMax) {
    private static final int SELECTED_GROUPED_MAX = 20_000;
    private static final int SELECTED_DELAYS_MAX = 10_000;

    /** Of one selector, where there may be many. */
    QueueLimits ofSelector() {
        return new QueueLimits(
                heldMax, Math.min(groupedMax, SELECTED_GROUPED_MAX), Math.min(exactDelaysMax, SELECTED_DELAYS_MAX));
    }

    public static QueueLimits of(int heldMax) {
        return new QueueLimits(heldMax, AvailableRecords.GROUPED_MAX, DelayedRecords.EXACT_MAX);
    }
}
