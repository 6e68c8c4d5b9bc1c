package io.millrace.server;

import org.jspecify.annotations.Nullable;

/** A broker cannot start; the message says what it lacks, and where it looked for it. */
public final class BrokerStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokerStartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
