package io.millrace.client;

import io.millrace.protocol.ErrorCode;

/** Something could not be done. The message says what, where, why, and what would be right. */
public final class ClientException extends RuntimeException {
    private final ErrorCode errorCode;

    public ClientException(ErrorCode errorCode, String message) {
        super(message);
        this.errorCode = errorCode;
    }

    public ClientException(ErrorCode errorCode, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
    }

    /** The broker's error, or the nearest one where the fault was found on this side. */
    public ErrorCode errorCode() {
        return errorCode;
    }
}
