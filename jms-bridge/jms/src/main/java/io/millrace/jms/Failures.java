package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Failures of the cluster as exceptions of Jakarta Messaging. */
final class Failures {
    private static final Set<ErrorCode> DESTINATION_REFUSALS = EnumSet.of(
            ErrorCode.INVALID_REQUEST,
            ErrorCode.INVALID_CONFIG,
            ErrorCode.TOPIC_ALREADY_EXISTS,
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode.INVALID_TOPIC_EXCEPTION);

    private Failures() {}

    /** The exception with its cause set, also where the specification only knows a linked {@link Exception}. */
    static <T extends JMSException> T caused(T exception, Throwable cause) {
        exception.initCause(cause);
        if (cause instanceof Exception linked) {
            exception.setLinkedException(linked);
        }
        return exception;
    }

    /**
     * The result, waiting at most this long.
     *
     * @param doing names in the exception what was being done: {@code "Sending to queue:orders"}
     */
    static <T> T await(Future<T> future, Duration timeout, String doing) throws JMSException {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw caused(new JMSException(doing + " was interrupted; whether it took effect is unknown"), e);
        } catch (TimeoutException e) {
            throw caused(
                    new JMSException(doing + " took longer than " + timeout + "; whether it took effect is unknown"),
                    e);
        } catch (ExecutionException e) {
            throw of(doing, e);
        }
    }

    /** As {@link #await}, for questions about a destination: what the cluster refuses is an invalid destination. */
    static <T> T awaitDestination(Future<T> future, Duration timeout, String doing) throws JMSException {
        try {
            return await(future, timeout, doing);
        } catch (JMSException e) {
            if (e.getCause() instanceof ClientException refusal && DESTINATION_REFUSALS.contains(refusal.errorCode())) {
                throw caused(new InvalidDestinationException(e.getMessage(), e.getErrorCode()), refusal);
            }
            throw e;
        }
    }

    /** The failure in the words of Jakarta Messaging. */
    static JMSException of(String doing, Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof JMSException already) {
            return already;
        }
        if (!(cause instanceof ClientException clientFailure)) {
            return caused(new JMSException(doing + " failed: " + cause), cause);
        }
        return caused(
                withErrorCode(doing + " failed: " + clientFailure.getMessage(), clientFailure.errorCode()), cause);
    }

    private static JMSException withErrorCode(String message, ErrorCode errorCode) {
        return switch (errorCode) {
            case UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_ID ->
                new InvalidDestinationException(message, errorCode.name());
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, POLICY_VIOLATION, THROTTLING_QUOTA_EXCEEDED ->
                new ResourceAllocationException(message, errorCode.name());
            default -> new JMSException(message, errorCode.name());
        };
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
