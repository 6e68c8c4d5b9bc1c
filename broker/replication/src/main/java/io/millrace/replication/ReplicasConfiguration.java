package io.millrace.replication;

/**
 * How the replicas of a broker behave.
 *
 * @param loops threads that own partitions
 * @param replicaLagTimeMaxMs {@code replica.lag.time.max.ms}
 * @param defaultMinInSyncReplicas {@code min.insync.replicas} of topics that do not say; must be the same on all brokers
 * @param fetchWaitMaxMs {@code replica.fetch.wait.max.ms}
 * @param fetchResponseMaxBytes {@code replica.fetch.response.max.bytes}
 * @param fetchMaxBytes {@code replica.fetch.max.bytes}, per log
 * @param fetchBackoffMs {@code replica.fetch.backoff.ms}: pause before the second attempt after a failure; it doubles with each one
 * @param fetchBackoffMaxMs bound on that pause
 * @param checkpointIntervalMs how often high watermarks are written
 * @param retentionCheckIntervalMs {@code log.retention.check.interval.ms}
 * @param movingBytesPerSecond {@code follower.replication.throttled.rate}: bytes that may be fetched for replicas that are being moved here,
 *     where their move does not say; 0 for no bound
 */
public record ReplicasConfiguration(
        int brokerId,
        int loops,
        long replicaLagTimeMaxMs,
        int defaultMinInSyncReplicas,
        int fetchWaitMaxMs,
        int fetchResponseMaxBytes,
        int fetchMaxBytes,
        long fetchBackoffMs,
        long fetchBackoffMaxMs,
        long checkpointIntervalMs,
        long retentionCheckIntervalMs,
        long movingBytesPerSecond) {

    @SuppressWarnings("checkstyle:ParameterNumber") // what the record has, but one
    public ReplicasConfiguration(
            int brokerId,
            int loops,
            long replicaLagTimeMaxMs,
            int defaultMinInSyncReplicas,
            int fetchWaitMaxMs,
            int fetchResponseMaxBytes,
            int fetchMaxBytes,
            long fetchBackoffMs,
            long fetchBackoffMaxMs,
            long checkpointIntervalMs,
            long retentionCheckIntervalMs) {
        this(
                brokerId,
                loops,
                replicaLagTimeMaxMs,
                defaultMinInSyncReplicas,
                fetchWaitMaxMs,
                fetchResponseMaxBytes,
                fetchMaxBytes,
                fetchBackoffMs,
                fetchBackoffMaxMs,
                checkpointIntervalMs,
                retentionCheckIntervalMs,
                FetchThrottle.UNTHROTTLED);
    }

    public static ReplicasConfiguration defaults(int brokerId) {
        return new ReplicasConfiguration(
                brokerId,
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                10_000,
                2,
                500,
                10 * 1024 * 1024,
                1024 * 1024,
                20,
                1_000,
                5_000,
                60_000);
    }
}
