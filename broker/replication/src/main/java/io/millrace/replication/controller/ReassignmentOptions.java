package io.millrace.replication.controller;

/**
 * How partitions are moved.
 *
 * @param mayChangeReplicationFactor whether a partition may end with more or fewer replicas than it has (KIP-860)
 * @param throttleBytesPerSecond what each broker may fetch in a second for the replicas that it is given; 0 leaves that to the broker
 */
public record ReassignmentOptions(boolean mayChangeReplicationFactor, long throttleBytesPerSecond) {}
