package io.millrace.replication;

/** A rule that a simulation breaks at the boundary of the brokers, to show that its checks find that. */
enum BrokenRule {
    NONE,
    /** Followers cut their logs to their high watermarks, and leaders do not compare epochs. */
    TRUNCATION_BY_EPOCH,
    /** Leaders hear at once that the controller has committed what they wish. */
    MAXIMAL_SET,
    /** The metadata take writes of every controller that ever was. */
    CONTROLLER_EPOCH,
    /** Disks say that they have forced what they force a little later. */
    SYNC_BEFORE_ACKNOWLEDGEMENT
}
