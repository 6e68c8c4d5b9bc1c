package io.millrace.coordinator.group;

import java.util.List;

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
 * @param consumers the rules of groups whose partitions the coordinator assigns
 */
public record GroupConfiguration(
        int sessionTimeoutMinMs,
        int sessionTimeoutMaxMs,
        int initialRebalanceDelayMs,
        int groupSizeMax,
        int offsetMetadataBytesMax,
        long offsetsRetentionMs,
        long offsetsRetentionCheckIntervalMs,
        Consumers consumers) {

    /**
     * The rules of KIP-848's groups.
     *
     * @param sessionTimeoutMs {@code group.consumer.session.timeout.ms}
     * @param heartbeatIntervalMs {@code group.consumer.heartbeat.interval.ms}: how often members are to send heartbeats
     * @param groupSizeMax {@code group.consumer.max.size}
     * @param assignors {@code group.consumer.assignors}, the default first
     * @param migration {@code group.consumer.migration.policy}
     */
    public record Consumers(
            int sessionTimeoutMs,
            int heartbeatIntervalMs,
            int groupSizeMax,
            List<String> assignors,
            MigrationPolicy migration) {
        public Consumers {
            assignors = List.copyOf(assignors);
        }

        /** With what a group may decide itself. */
        public Consumers withTimes(int changedSessionTimeoutMs, int changedHeartbeatIntervalMs) {
            return new Consumers(
                    changedSessionTimeoutMs, changedHeartbeatIntervalMs, groupSizeMax, assignors, migration);
        }

        public static Consumers defaults() {
            return new Consumers(45_000, 5_000, 1_000, TargetAssignor.NAMES, MigrationPolicy.BIDIRECTIONAL);
        }
    }

    public static GroupConfiguration defaults() {
        return new GroupConfiguration(
                6_000, 1_800_000, 500, 1_000, 4_096, 7L * 24 * 60 * 60 * 1_000, 600_000, Consumers.defaults());
    }
}
