package io.millrace.storage;

/** When an append counts as kept. */
public enum FlushPolicy {
    /** When it is written; the operating system brings it to the medium in its own time. */
    OS,
    /** When it is on the medium: in the broker's journal, or in its segment. */
    JOURNAL
}
