package io.millrace.coordinator.queue;

/** What a consumer says of records it has acquired; both ends of the offsets are included. */
public record Settlement(long first, long last, Verdict verdict) {

    /** What is to become of the records (KIP-932's words). */
    public enum Verdict {
        /** Processed: never to be delivered again. */
        ACCEPT,
        /** Not processed: available again, the delivery counted. */
        RELEASE,
        /** Not handed to the application: available again as if never delivered. */
        RETURN,
        /** Cannot be processed: never to be delivered again. */
        REJECT
    }

    public OffsetRange range() {
        return new OffsetRange(first, last);
    }
}
