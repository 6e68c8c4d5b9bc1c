package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a session deliver while its connection is started, with a thread of its own once there is a message listener.
 *
 * <p>Safe for use by any thread; the thread is guarded by this.
 */
final class SessionDelivery {
    private final MillraceSession session;
    private final SessionReception reception;
    private final String threadName;
    private final Duration closeTimeout;
    private final Consumer<JMSException> onFailure;
    private @Nullable ListenerThread listenerThread;

    /**
     * @param closeTimeout how long stopping waits for listeners
     * @param onFailure told why a consumer with a listener cannot go on, and what has ended the thread before its session
     */
    SessionDelivery(
            MillraceSession session,
            SessionReception reception,
            String threadName,
            Duration closeTimeout,
            Consumer<JMSException> onFailure) {
        this.session = session;
        this.reception = reception;
        this.threadName = threadName;
        this.closeTimeout = closeTimeout;
        this.onFailure = onFailure;
    }

    /** From now on the session's own thread delivers. */
    synchronized void onListenerSet() {
        if (listenerThread == null) {
            listenerThread = new ListenerThread(session, reception, threadName, onFailure);
            listenerThread.start();
        }
        reception.bell().ring();
    }

    /** The connection delivers: what has arrived may go to the application. */
    void start() {
        reception.gate().open();
        reception.bell().ring();
    }

    /** Waits until no delivery is in progress. */
    void stop() throws JMSException {
        awaitShut(reception.gate(), false, "stopping the connection");
    }

    /**
     * Shuts a gate and waits until nothing is inside.
     *
     * @throws JMSException where a listener has not returned in time
     */
    void awaitShut(DeliveryGate gate, boolean forGood, String doing) throws JMSException {
        try {
            if (!gate.shut(closeTimeout, forGood)) {
                throw new JMSException("A message listener or a receive has not returned within " + closeTimeout
                        + " while " + doing + "; it goes on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.caused(new JMSException("Interrupted while " + doing), e);
        }
    }

    /** Delivers nothing any more, and waits until no delivery and no receive is in progress. */
    void close() throws JMSException {
        reception.bell().ring();
        awaitShut(reception.gate(), true, "closing the session");
        for (MillraceMessageConsumer consumer : reception.consumers()) {
            awaitShut(consumer.calls(), true, "closing the session");
        }
    }

    /** Waits for the end of the thread, which ends with its session. */
    void awaitEnd() {
        ListenerThread ending = listenerThread();
        if (ending != null) {
            ending.join(closeTimeout);
        }
    }

    private synchronized @Nullable ListenerThread listenerThread() {
        return listenerThread;
    }

    /** Whether the caller is a message listener of this session. */
    boolean isInListener() {
        ListenerThread thread = listenerThread();
        return (thread != null && thread.isCalling()) || session.pooled().isCalling();
    }

    void requireNotInListener(String operation) throws IllegalStateException {
        if (isInListener()) {
            throw new IllegalStateException("A message listener cannot " + operation + ": that waits for the listener");
        }
    }
}
