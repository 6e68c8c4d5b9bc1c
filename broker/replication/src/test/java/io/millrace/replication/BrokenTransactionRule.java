package io.millrace.replication;

/** A rule of transactions that a simulation breaks on the way between producers, coordinator and leaders, to show that its checks find that. */
enum BrokenTransactionRule {
    NONE,
    /** The end of a transaction is taken for that of the present one, whatever epoch it names. */
    EPOCH_OF_END,
    /** Leaders write for a transaction without asking its coordinator. */
    VERIFICATION,
    /** Leaders take a marker of the present epoch, though each transaction has its own. */
    MARKER_OF_SAME_EPOCH,
    /** The coordinator acts on a decision, and tells it, when it has been appended and not when it is committed. */
    DECISION_BEFORE_COMMIT,
    /** The coordinator takes a transaction for completed when its markers are on their way. */
    COMPLETE_BEFORE_MARKERS
}
