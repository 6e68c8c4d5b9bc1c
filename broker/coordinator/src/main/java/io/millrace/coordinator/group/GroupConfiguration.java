package io.millrace.coordinator.group;

/**
 * The rules of all groups, by Kafka's keys.
 *
 * @param sessionTimeoutMinMs {@code group.min.session.timeout.ms}
 * @param sessionTimeoutMaxMs {@code group.max.session.timeout.ms}
 * @param initialRebalanceDelayMs {@code group.initial.rebalance.delay.ms}: how long an empty group waits for more
 *     members after the first
 * @param groupSizeMax {@code group.max.size}
 * @param offsetMetadataBytesMax {@code offset.metadata.max.bytes}
 * @param offsetsRetentionMs {@code offsets.retention.minutes}: how long offsets that nobody uses are kept
 * @param offsetsRetentionCheckIntervalMs {@code offsets.retention.check.interval.ms}
 */
public record GroupConfiguration(
        int sessionTimeoutMinMs,
        int sessionTimeoutMaxMs,
        int initialRebalanceDelayMs,
        int groupSizeMax,
        int offsetMetadataBytesMax,
        long offsetsRetentionMs,
        long offsetsRetentionCheckIntervalMs) {

    public static GroupConfiguration defaults() {
        return new GroupConfiguration(6_000, 1_800_000, 500, 1_000, 4_096, 7L * 24 * 60 * 60 * 1_000, 600_000);
    }
}
