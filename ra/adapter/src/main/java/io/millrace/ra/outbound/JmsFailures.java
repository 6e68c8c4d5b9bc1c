package io.millrace.ra.outbound;

import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import jakarta.resource.ResourceException;
import org.jspecify.annotations.Nullable;

/** What goes wrong in a server's terms, in the application's. */
final class JmsFailures {
    private JmsFailures() {}

    static JMSException of(String what, ResourceException cause) {
        JMSException failure = new ResourceAllocationException(what + ": " + reason(cause));
        failure.initCause(cause);
        failure.setLinkedException(cause);
        return failure;
    }

    private static @Nullable String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** For what applications in a server may not do (Jakarta Messaging 3.1, 12.3 and 12.4). */
    static jakarta.jms.IllegalStateException forbidden(String what) {
        return new jakarta.jms.IllegalStateException(what + " is not permitted on a connection that an application"
                + " server manages; use a message-driven bean to be called with messages");
    }

    static jakarta.jms.IllegalStateException closed(String what) {
        return new jakarta.jms.IllegalStateException(what + " is closed; create another one");
    }
}
