package io.millrace.server.coordinator;

import io.millrace.protocol.ErrorCode;

/** Learns what becomes of records that were given to a {@link CoordinatorLog}. Called on the log's loop. */
public interface AppendListener {

    /** They are committed: time to replay them and to answer. In the order of the log. */
    void onCommitted();

    /** They are not in the log and never will be. */
    void onRefused(ErrorCode error);

    /**
     * They have not been committed in time, or the leadership is lost. They may be committed yet, in which case
     * {@link #onCommitted} follows if this broker still leads.
     */
    void onUncertain(ErrorCode error);
}
