package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MessageListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session does for an application server: a connection consumer assigns messages to it, and the server's thread runs its
 * message listener with them.
 *
 * <p>Messages are assigned by any thread and guarded by this; they are settled as the session's mode says.
 */
final class SessionRun {
    private static final Duration STOPPED_WAIT = Duration.ofSeconds(60);

    /** A message and how it is read. */
    private record Assignment(Delivery delivery, MessageDecoder decoder) {}

    private final MillraceSession session;
    private final SessionReception reception;
    private final Deque<Assignment> assigned = new ArrayDeque<>();
    private volatile @Nullable MessageListener listener;
    private volatile @Nullable Thread calling;

    SessionRun(MillraceSession session, SessionReception reception) {
        this.session = session;
        this.reception = reception;
    }

    @Nullable
    MessageListener listener() {
        return listener;
    }

    void setListener(@Nullable MessageListener newListener) {
        listener = newListener;
    }

    /** Whether the caller is the session's own listener. */
    boolean isCalling() {
        return Thread.currentThread() == calling;
    }

    /** @throws IllegalStateException where the session is closed; the messages are still the caller's then */
    synchronized void assign(List<Delivery> deliveries, MessageDecoder decoder) throws IllegalStateException {
        session.requireOpen();
        deliveries.forEach(delivery -> assigned.add(new Assignment(delivery, decoder)));
    }

    /** Takes back what was assigned and has not been delivered. */
    synchronized List<Delivery> withdraw(List<Delivery> deliveries) {
        List<Delivery> withdrawn = new ArrayList<>();
        assigned.removeIf(
                assignment -> deliveries.contains(assignment.delivery()) && withdrawn.add(assignment.delivery()));
        return withdrawn;
    }

    /** Calls the listener with everything that is assigned, one after the other, on the caller's thread. */
    void run() {
        MessageListener current = listener;
        if (current == null) {
            giveBackAssigned();
            throw new JMSRuntimeException(
                    "The session has no message listener; set one with setMessageListener before it is run");
        }
        try {
            while (isAssigned()) {
                if (!awaitStarted()) {
                    giveBackAssigned();
                    return;
                }
                try {
                    session.use().act("run its message listener", () -> deliverNext(current));
                } finally {
                    reception.gate().leave();
                }
            }
            reception.acknowledgeLazyOnes();
        } catch (JMSException e) {
            giveBackAssigned();
            throw Unchecked.of(e);
        } catch (InterruptedException e) {
            giveBackAssigned();
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isAssigned() {
        return !assigned.isEmpty();
    }

    /** Waits while the connection is stopped; the caller must leave the session's gate where it may go on. */
    private boolean awaitStarted() throws InterruptedException {
        while (!session.isClosed()) {
            long rings = reception.bell().rings();
            if (reception.gate().enter()) {
                return true;
            }
            reception.bell().awaitRing(rings, STOPPED_WAIT);
        }
        return false;
    }

    private void deliverNext(MessageListener current) throws JMSException {
        reception.requireRoom();
        reception.awaitLastDelivered();
        Assignment next = take();
        if (next == null) {
            return; // withdrawn
        }
        Delivery delivery = next.delivery();
        MillraceMessage message = next.decoder().decode(delivery.content());
        message.acknowledgeWith(session::acknowledge);
        reception.onDelivery(delivery);
        Throwable failure = call(current, message);
        if (failure == null) {
            reception.onDelivered(delivery);
        } else if (session.transaction().settlesAtOnce()) {
            reception.forget(delivery);
            delivery.source().settle(List.of(delivery.failedWith(failure)), AcknowledgeType.RELEASE);
        }
    }

    private synchronized @Nullable Assignment take() {
        return assigned.poll();
    }

    /** What the listener has thrown, or null. */
    private @Nullable Throwable call(MessageListener current, MillraceMessage message) {
        calling = Thread.currentThread();
        try {
            return new ListenerCall(current, message).failure();
        } finally {
            calling = null;
        }
    }

    private void giveBackAssigned() {
        List<Assignment> all;
        synchronized (this) {
            all = new ArrayList<>(assigned);
            assigned.clear();
        }
        giveBack(all);
    }

    /** As if they had not been assigned; another session gets them. */
    private static void giveBack(List<Assignment> unwanted) {
        for (int i = unwanted.size() - 1; i >= 0; i--) {
            Delivery delivery = unwanted.get(i).delivery();
            delivery.source().settle(List.of(delivery.undone()), AcknowledgeType.RELEASE);
        }
    }

    /** The session is closed: what it has not delivered goes back. */
    void close() {
        giveBackAssigned();
    }
}
