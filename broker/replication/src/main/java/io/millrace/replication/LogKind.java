package io.millrace.replication;

/** Which log of a partition. Both share leader, epoch and one joint set of in-sync replicas. */
public enum LogKind {
    /** The records that producers wrote. */
    DATA,
    /** What became of them: acknowledgements and delivery counts. Partitions of queues have one, and those of topics that have or had subscriptions. */
    CURSOR
}
