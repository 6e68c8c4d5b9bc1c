package io.millrace.replication;

/** Follows which partitions this broker leads. Called on the partition's loop, in order per partition: must not block. */
public interface LeadershipListener {
    /** The partition is led here from now on, in this epoch. */
    void onLeader(Partition partition, int leaderEpoch);

    /** The partition is no longer led here: it has another leader, none, or is deleted. Called only after {@link #onLeader}. */
    void onResigned(Partition partition);
}
