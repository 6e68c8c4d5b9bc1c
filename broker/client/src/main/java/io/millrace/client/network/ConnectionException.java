package io.millrace.client.network;

import io.millrace.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * A request was not answered, for a reason that lies with its connection and not with what it asked.
 *
 * <p>Unless {@link #isUnsent()}, the broker may have done what was asked.
 */
public final class ConnectionException extends RuntimeException {
    private final Reason reason;
    private final boolean unsent;

    /** Why there is no answer. */
    public enum Reason {
        /** No connection came about. */
        NOT_CONNECTED(ErrorCode.NETWORK_EXCEPTION),
        /** The connection ended before the answer came. */
        CLOSED(ErrorCode.NETWORK_EXCEPTION),
        /** The answer did not come in time; the connection is closed, since answers come in order. */
        TIMED_OUT(ErrorCode.REQUEST_TIMED_OUT),
        /** The peer does not offer the API in a version that is known here. */
        UNSUPPORTED(ErrorCode.UNSUPPORTED_VERSION),
        /** The message cannot be written in the version that both sides know. */
        UNWRITABLE(ErrorCode.INVALID_REQUEST),
        /** Too many requests are under way already. */
        OVERLOADED(ErrorCode.THROTTLING_QUOTA_EXCEEDED);

        private final ErrorCode errorCode;

        Reason(ErrorCode errorCode) {
            this.errorCode = errorCode;
        }
    }

    ConnectionException(Reason reason, boolean unsent, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.unsent = unsent;
    }

    static ConnectionException unsent(Reason reason, String message) {
        return new ConnectionException(reason, true, message, null);
    }

    public Reason reason() {
        return reason;
    }

    /** The nearest error of the protocol. */
    public ErrorCode errorCode() {
        return reason.errorCode;
    }

    /** Whether the request certainly did not reach the peer. */
    public boolean isUnsent() {
        return unsent;
    }
}
