package io.millrace.protocol.message;

/** What a broker answers. */
public interface Response extends Message {
    /** The field that every response has which can tell its client to wait. */
    String THROTTLE_TIME_FIELD = "throttleTimeMs";

    /** How long the client is to wait before its next request; 0 where the API cannot say. */
    default int throttleTimeMs() {
        return 0;
    }
}
