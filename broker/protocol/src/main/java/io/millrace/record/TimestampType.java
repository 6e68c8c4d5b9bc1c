package io.millrace.record;

/** Who set the time stamps of a batch. */
public enum TimestampType {
    /** The producer did, record by record. */
    CREATE_TIME,
    /** The broker did: every record of the batch carries the batch's greatest time stamp. */
    LOG_APPEND_TIME
}
