package io.millrace.client;

/** What a destination is. */
public enum DestinationKind {
    /** A log that every reader reads for itself. */
    TOPIC,
    /** A log whose messages are each acknowledged by one of its consumers. */
    QUEUE
}
