package io.millrace.coordinator.queue;

/**
 * What a cursor keeps in memory at most.
 *
 * @param heldMax records that are acquired, settling or waiting for their next delivery at once
 * @param groupedMax records of groups that wait; with more of them nobody looks further ahead
 * @param exactDelaysMax delayed records that are kept with their times; others come into buckets
 */
public record QueueLimits(int heldMax, int groupedMax, int exactDelaysMax) {

    public static QueueLimits of(int heldMax) {
        return new QueueLimits(heldMax, AvailableRecords.GROUPED_MAX, DelayedRecords.EXACT_MAX);
    }
}
