package io.millrace.replication;

/** What a reader may see (KIP-98). */
public enum Isolation {
    /** All that is committed to the in-sync replicas, whatever becomes of its transaction. */
    READ_UNCOMMITTED,
    /** What lies before the first transaction whose outcome is open. */
    READ_COMMITTED;

    private static final byte READ_COMMITTED_CODE = 1;

    /** As requests spell it. */
    public static Isolation of(byte code) {
        return code == READ_COMMITTED_CODE ? READ_COMMITTED : READ_UNCOMMITTED;
    }
}
