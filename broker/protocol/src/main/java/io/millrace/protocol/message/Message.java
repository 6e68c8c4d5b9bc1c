package io.millrace.protocol.message;

/** What a frame carries besides its header. Immutable, but for the record batches that some messages hold. */
public interface Message {
    ApiKey apiKey();

    /**
     * Releases the record batches of a message that was made here and never handed over to a frame. A message that was
     * read owns nothing, since its records are slices of the frame it came in, unless they were retained one by one.
     */
    default void releaseRecords() {}
}
