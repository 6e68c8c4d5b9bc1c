package io.millrace.client;

import io.millrace.client.network.ConnectionException;
import io.millrace.protocol.ErrorCode;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What a failed future means to the user. */
final class Failures {
    private Failures() {}

    /** The failure itself, where a future has wrapped it. */
    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    static String messageOf(@Nullable Throwable failure) {
        if (failure == null) {
            return "unknown";
        }
        Throwable cause = unwrap(failure);
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** The nearest error of the protocol. */
    static ErrorCode errorCodeOf(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof ConnectionException connection) {
            return connection.errorCode();
        }
        return cause instanceof ClientException client ? client.errorCode() : ErrorCode.UNKNOWN_SERVER_ERROR;
    }

    /** As the one type of exception that users of the client see. */
    static ClientException toClientException(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof ClientException client) {
            return client;
        }
        return new ClientException(errorCodeOf(cause), messageOf(cause), cause);
    }
}
