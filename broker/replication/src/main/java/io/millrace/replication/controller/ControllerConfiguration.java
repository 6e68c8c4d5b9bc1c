package io.millrace.replication.controller;

import io.millrace.metadata.TopicImage;
import java.util.function.Predicate;

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
 * @param leaderBalance when leaderships go back to the preferred leaders
 * @param survivesPowerLoss whether a replica of the topic holds everything that it ever acknowledged, however its machine has ended
 * @param electsUnclean {@code unclean.leader.election.enable}: whether a replica of the topic may lead that need not have all committed records,
 *     when nobody else can
 */
public record ControllerConfiguration(
        int defaultPartitions,
        int defaultReplicationFactor,
        int defaultMinInSyncReplicas,
        long heartbeatIntervalMs,
        long heartbeatTimeoutMs,
        long suspicionMs,
        long usurpAfterMs,
        LeaderBalance leaderBalance,
        Predicate<TopicImage> survivesPowerLoss,
        Predicate<TopicImage> electsUnclean) {

    /** With them, only those topics survive a loss of power, or have unclean leaders, that say so themselves. */
    public static final ControllerConfiguration DEFAULTS = new ControllerConfiguration(
            1,
            3,
            2,
            1_000,
            3_000,
            300,
            300,
            LeaderBalance.DEFAULTS,
            ControllerConfiguration::isJournaled,
            ControllerConfiguration::isUnclean);

    private static boolean isJournaled(TopicImage topic) {
        return "journal".equals(topic.configuration().get("flush.policy"));
    }

    private static boolean isUnclean(TopicImage topic) {
        return "true".equals(topic.configuration().get("unclean.leader.election.enable"));
    }

    public ControllerConfiguration withTopicDefaults(int partitions, int replicationFactor, int minInSyncReplicas) {
        return new ControllerConfiguration(
                partitions,
                replicationFactor,
                minInSyncReplicas,
                heartbeatIntervalMs,
                heartbeatTimeoutMs,
                suspicionMs,
                usurpAfterMs,
                leaderBalance,
                survivesPowerLoss,
                electsUnclean);
    }

    public ControllerConfiguration withHeartbeats(long intervalMs, long timeoutMs) {
        return new ControllerConfiguration(
                defaultPartitions,
                defaultReplicationFactor,
                defaultMinInSyncReplicas,
                intervalMs,
                timeoutMs,
                suspicionMs,
                usurpAfterMs,
                leaderBalance,
                survivesPowerLoss,
                electsUnclean);
    }

    /** With other times that a broken or refused connection is borne. */
    public ControllerConfiguration withPatience(long changedSuspicionMs, long changedUsurpAfterMs) {
        return new ControllerConfiguration(
                defaultPartitions,
                defaultReplicationFactor,
                defaultMinInSyncReplicas,
                heartbeatIntervalMs,
                heartbeatTimeoutMs,
                changedSuspicionMs,
                changedUsurpAfterMs,
                leaderBalance,
                survivesPowerLoss,
                electsUnclean);
    }

    public ControllerConfiguration withLeaderBalance(LeaderBalance changed) {
        return new ControllerConfiguration(
                defaultPartitions,
                defaultReplicationFactor,
                defaultMinInSyncReplicas,
                heartbeatIntervalMs,
                heartbeatTimeoutMs,
                suspicionMs,
                usurpAfterMs,
                changed,
                survivesPowerLoss,
                electsUnclean);
    }

    public ControllerConfiguration withSurvivesPowerLoss(Predicate<TopicImage> changed) {
        return new ControllerConfiguration(
                defaultPartitions,
                defaultReplicationFactor,
                defaultMinInSyncReplicas,
                heartbeatIntervalMs,
                heartbeatTimeoutMs,
                suspicionMs,
                usurpAfterMs,
                leaderBalance,
                changed,
                electsUnclean);
    }

    public ControllerConfiguration withElectsUnclean(Predicate<TopicImage> changed) {
        return new ControllerConfiguration(
                defaultPartitions,
                defaultReplicationFactor,
                defaultMinInSyncReplicas,
                heartbeatIntervalMs,
                heartbeatTimeoutMs,
                suspicionMs,
                usurpAfterMs,
                leaderBalance,
                survivesPowerLoss,
                changed);
    }
}
