package io.millrace.replication;

/**
 * The leader's word on where a follower's log parts from its own: the largest epoch, not above the follower's last one, that the leader
 * knows, and where that epoch ends in the leader's log (KIP-320, KIP-595).
 */
public record Divergence(int epoch, long endOffset) {
    /** The logs agree up to the fetch offset. */
    public static final Divergence NONE = new Divergence(-1, -1);

    public boolean exists() {
        return endOffset >= 0;
    }
}
