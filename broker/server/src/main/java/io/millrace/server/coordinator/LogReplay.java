package io.millrace.server.coordinator;

/** Takes over what earlier leaders have written, in the order of the log. */
public interface LogReplay<R> {

    void onRecord(R logged);

    /** A record that a transaction has brought, which counts when that is committed. */
    void onTransactionalRecord(R logged, long producerId);

    /** The transaction of a producer has ended. */
    void onTransactionEnded(long producerId, boolean committed);
}
