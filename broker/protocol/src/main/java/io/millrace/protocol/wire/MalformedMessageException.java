package io.millrace.protocol.wire;

/** A frame does not follow the protocol. The connection that sent it must be closed. */
public final class MalformedMessageException extends RuntimeException {
    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
