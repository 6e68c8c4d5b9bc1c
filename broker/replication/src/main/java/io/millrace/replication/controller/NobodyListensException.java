package io.millrace.replication.controller;

/** A broker's machine answered that nothing listens at the broker's address: its process is gone. */
public final class NobodyListensException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NobodyListensException(String message, Throwable cause) {
        super(message, cause);
    }
}
