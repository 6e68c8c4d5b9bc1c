package io.millrace.coordinator.queue;

import java.util.function.Supplier;

/**
 * What a cursor keeps in memory at most, and how often it hands out the same.
 *
 * @param heldMax records that are acquired, settling or waiting for their next delivery at once
 * @param groupedMax records of groups that wait; with more of them nobody looks further ahead
 * @param exactDelaysMax delayed records that are kept with their times; others come into buckets
 * @param redelivery asked whenever a delivery has failed
 */
public record QueueLimits(int heldMax, int groupedMax, int exactDelaysMax, Supplier<RedeliveryPolicy> redelivery) {
    private static final int SELECTED_GROUPED_MAX = 20_000;
    private static final int SELECTED_DELAYS_MAX = 10_000;

    /** Failed records are delivered again at once, for ever. */
    public QueueLimits(int heldMax, int groupedMax, int exactDelaysMax) {
        this(heldMax, groupedMax, exactDelaysMax, () -> RedeliveryPolicy.AT_ONCE_FOR_EVER);
    }

    public QueueLimits withRedelivery(Supplier<RedeliveryPolicy> policy) {
        return new QueueLimits(heldMax, groupedMax, exactDelaysMax, policy);
    }

    /** Of one selector, where there may be many. */
    QueueLimits ofSelector() {
        return new QueueLimits(
                heldMax, Math.min(groupedMax, SELECTED_GROUPED_MAX), Math.min(exactDelaysMax, SELECTED_DELAYS_MAX));
    }

    public static QueueLimits of(int heldMax) {
        return new QueueLimits(heldMax, AvailableRecords.GROUPED_MAX, DelayedRecords.EXACT_MAX);
    }
}
