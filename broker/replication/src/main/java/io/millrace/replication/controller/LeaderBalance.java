package io.millrace.replication.controller;

/**
 * When the controller gives leaderships back by itself.
 *
 * @param isAutomatic {@code auto.leader.rebalance.enable}
 * @param intervalMs {@code leader.imbalance.check.interval.seconds}
 * @param imbalancePercentMax {@code leader.imbalance.per.broker.percentage}: how many of its leaderships a broker may lack
 */
public record LeaderBalance(boolean isAutomatic, long intervalMs, int imbalancePercentMax) {
    public static final LeaderBalance DEFAULTS = new LeaderBalance(true, 300_000, 10);
}
