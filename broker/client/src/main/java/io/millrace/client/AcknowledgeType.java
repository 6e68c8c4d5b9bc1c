package io.millrace.client;

/** What becomes of a message that was acquired (KIP-932's words). */
public enum AcknowledgeType {
    /** Done: never delivered again. */
    ACCEPT,
    /** Back to the queue: available again, its delivery counted, or in the dead-letter queue when it was delivered too often. */
    RELEASE,
    /** Never to be delivered again, as it cannot be processed: it goes to the dead-letter queue where there is one. */
    REJECT
}
