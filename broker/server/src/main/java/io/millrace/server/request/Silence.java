package io.millrace.server.request;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.Response;

/** Instead of a response: the client gets none. */
public enum Silence implements Response {
    /** The client asked for no answer. */
    KEEP_OPEN,
    /** The client asked for no answer and must still learn that something failed, so its connection is closed. */
    CLOSE;

    @Override
    public ApiKey apiKey() {
        throw new IllegalStateException("silence is never sent");
    }
}
