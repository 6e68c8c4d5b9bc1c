package io.millrace.replication;

import java.util.Optional;

/** When an append is answered. */
public enum Acks {
    /** At once; the answer says nothing about the disk. */
    NONE,
    /** When the leader has written it, or has it on the medium, as the log's flush policy asks. */
    LEADER,
    /** When it is committed: every in-sync replica has it, and they are at least {@code min.insync.replicas}. */
    ALL;

    /** Reads the field of a produce request; empty for a value that means nothing. */
    public static Optional<Acks> of(short acks) {
        return switch (acks) {
            case 0 -> Optional.of(NONE);
            case 1 -> Optional.of(LEADER);
            case -1 -> Optional.of(ALL);
            default -> Optional.empty();
        };
    }
}
