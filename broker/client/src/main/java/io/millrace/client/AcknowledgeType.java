package io.millrace.client;

/** What becomes of a message that was acquired (KIP-932's words). */
public enum AcknowledgeType {
    /** Done: never delivered again. */
    ACCEPT,
    /** Back to the queue: available again, its delivery counted. */
    RELEASE,
    /** Never to be delivered again, as it cannot be processed. */
    REJECT
}
