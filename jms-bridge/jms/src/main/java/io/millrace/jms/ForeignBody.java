package io.millrace.jms;

/** What a record becomes that no JMS client wrote. */
public enum ForeignBody {
    /** A BytesMessage with the record's value. */
    BYTES,
    /** A TextMessage where the value is UTF-8, else a BytesMessage. */
    TEXT
}
