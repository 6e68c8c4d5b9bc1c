package io.millrace.replication;

/** Hears what a follower may want to fetch. Called on a partition's loop: must not block. */
interface FollowerWaiter {
    /** The log has more than the follower had when it last named its position. */
    void onLogGrown(PartitionKey partition, LogKind kind);

    /** The high watermark or the start of the log has moved. */
    void onBoundsMoved(PartitionKey partition, LogKind kind);

    /** The position last named cannot be served: the follower is to be told, or to ask anew and be told. */
    void onRefused(PartitionKey partition, LogKind kind);
}
