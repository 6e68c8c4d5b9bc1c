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
    EMPTY,
    PREPARING_REBALANCE,
    COMPLETING_REBALANCE,
    STABLE
}
