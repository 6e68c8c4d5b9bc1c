package io.millrace.server.administration;

import io.millrace.protocol.ErrorCode;

/** What a client is told whose wish cannot be fulfilled. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode error;

    RefusedException(ErrorCode error, String message) {
        super(message);
        this.error = error;
    }

    ErrorCode error() {
        return error;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
