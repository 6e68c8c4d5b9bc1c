package io.millrace.replication.controller;

/**
 * How the controller judges and what it assumes.
 *
 * @param defaultPartitions {@code num.partitions}
 * @param defaultReplicationFactor {@code default.replication.factor}
 * @param defaultMinInSyncReplicas {@code min.insync.replicas} of topics that do not say; must be the same on all brokers
 * @param heartbeatIntervalMs how often a broker shows that it lives
 * @param heartbeatTimeoutMs a broker silent for so long is fenced
 * @param suspicionMs a broker whose connection broke is fenced unless it shows within this time that it lives
 * @param usurpAfterMs a controller that refuses connections for so long is replaced without waiting for its session to expire
 */
public record ControllerConfiguration(
        int defaultPartitions,
        int defaultReplicationFactor,
        int defaultMinInSyncReplicas,
        long heartbeatIntervalMs,
        long heartbeatTimeoutMs,
        long suspicionMs,
        long usurpAfterMs) {

    public static final ControllerConfiguration DEFAULTS = new ControllerConfiguration(1, 3, 2, 1_000, 3_000, 300, 300);

    public ControllerConfiguration withTopicDefaults(int partitions, int replicationFactor, int minInSyncReplicas) {
        return new ControllerConfiguration(
                partitions,
                replicationFactor,
                minInSyncReplicas,
                heartbeatIntervalMs,
                heartbeatTimeoutMs,
                suspicionMs,
                usurpAfterMs);
    }
}
