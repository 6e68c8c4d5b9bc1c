package io.millrace.coordinator.group;

/**
 * Where a classic group is on the way to its next generation.
 *
 * <pre>
 *            join                      all have joined, or time is up
 *   EMPTY ----------> PREPARING_REBALANCE ------------------------> COMPLETING_REBALANCE
 *     ^                |    ^    ^                                        |       |
 *     | no member left |    |    |  join, leave, expiry, failed append    |       | the leader's assignment
 *     +----------------+    |    +----------------------------------------+       | is committed
 *                           |                                                     v
 *                           +------------------------------------------------- STABLE
 *                                   join, leave, expiry
 * </pre>
 */
enum GroupState {
    EMPTY("Empty"),
    PREPARING_REBALANCE("PreparingRebalance"),
    COMPLETING_REBALANCE("CompletingRebalance"),
    STABLE("Stable");

    private final String kafkaName;

    GroupState(String kafkaName) {
        this.kafkaName = kafkaName;
    }

    /** What Kafka's tools show. */
    String kafkaName() {
        return kafkaName;
    }
}
