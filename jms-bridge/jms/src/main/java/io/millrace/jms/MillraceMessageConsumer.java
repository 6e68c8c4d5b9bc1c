package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Receives from one queue or topic, by call or by listener.
 *
 * <p>Belongs to its session's thread; {@link #close} may be called by any. The deliveries that wait to be made again are
 * guarded by this.
 */
final class MillraceMessageConsumer implements QueueReceiver, TopicSubscriber, BodyReceiver {
    /**
     * How long {@link #receiveNoWait} lets a consumer that has never received anything wait for the broker's first
     * answer: without this, the first call after creating a consumer would always find nothing.
     */
    private static final Duration FIRST_ANSWER_WAIT = Duration.ofMillis(300);
    /** Long enough to be for ever, short enough to be added to a time. */
    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final MillraceSession session;
    private final SessionReception reception;
    private final MillraceDestination destination;
    private final MessageDecoder decoder;
    private final MessageSource source;
    private final @Nullable String unwantedIdPrefix;
    private final DeliveryGate gate = new DeliveryGate();
    /** Receives in progress; a consumer closes when they have returned (chapter 8.8). */
    private final DeliveryGate calls = new DeliveryGate();

    private final AtomicBoolean closed = new AtomicBoolean();
    private final Deque<Delivery> waiting = new ArrayDeque<>();
    private long waitingUntilNanos = System.nanoTime();
    private int attemptsInRow;
    private volatile @Nullable MessageListener listener;

    /** @param unwantedIdPrefix what the ids of messages begin with that are not delivered; null: all are delivered */
    MillraceMessageConsumer(
            MillraceSession session,
            SessionReception reception,
            MillraceDestination destination,
            MessageDecoder decoder,
            MessageSource source,
            @Nullable String unwantedIdPrefix) {
        this.session = session;
        this.reception = reception;
        this.destination = destination;
        this.decoder = decoder;
        this.source = source;
        this.unwantedIdPrefix = unwantedIdPrefix;
        gate.open();
        calls.open();
    }

    MessageSource source() {
        return source;
    }

    boolean hasListener() {
        return listener != null;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        requireOpen();
        return Selectors.text(source.selector());
    }

    @Override
    public Queue getQueue() throws JMSException {
        requireOpen();
        if (destination instanceof MillraceQueue queue) {
            return queue;
        }
        throw new IllegalStateException("This consumer receives from " + destination + "; it has no queue");
    }

    @Override
    public Topic getTopic() throws JMSException {
        requireOpen();
        if (destination instanceof MillraceTopic topic) {
            return topic;
        }
        throw new IllegalStateException("This consumer receives from " + destination + "; it has no topic");
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        requireOpen();
        return unwantedIdPrefix != null;
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        requireOpen();
        return listener;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener newListener) throws JMSException {
        requireOpen();
        listener = newListener;
        if (newListener != null) {
            session.delivery().onListenerSet();
        }
    }

    @Override
    public @Nullable Message receive() throws JMSException {
        return receive(FOREVER);
    }

    @Override
    public @Nullable Message receive(long timeoutMs) throws JMSException {
        if (timeoutMs < 0) {
            throw new JMSException("The timeout is " + timeoutMs + " ms; it must be positive, or 0 to wait for ever");
        }
        return receive(timeoutMs == 0 ? FOREVER : bounded(timeoutMs));
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        return receive(source.isFresh() ? FIRST_ANSWER_WAIT : Duration.ZERO);
    }

    private static Duration bounded(long timeoutMs) {
        Duration timeout = Duration.ofMillis(timeoutMs);
        return timeout.compareTo(FOREVER) < 0 ? timeout : FOREVER;
    }

    private @Nullable Message receive(Duration timeout) throws JMSException {
        return alone(() -> {
            Delivery delivery = await(timeout);
            if (delivery == null) {
                return null;
            }
            MillraceMessage message = decode(delivery);
            reception.onDelivery(delivery);
            reception.onDelivered(delivery);
            return message;
        });
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> bodyType, long timeoutMs) throws JMSException {
        Duration timeout = timeoutMs == NO_WAIT
                ? source.isFresh() ? FIRST_ANSWER_WAIT : Duration.ZERO
                : timeoutMs == 0 ? FOREVER : bounded(timeoutMs);
        return alone(() -> {
            Delivery delivery = await(timeout);
            return delivery == null ? null : body(delivery, bodyType);
        });
    }

    /** A body of another type leaves the message where it was, unless the client or a transaction settles it. */
    private <T> @Nullable T body(Delivery delivery, Class<T> bodyType) throws JMSException {
        T body;
        try {
            body = requireBody(decode(delivery), bodyType);
        } catch (MessageFormatException e) {
            if (session.transaction().settlesAtOnce()) {
                putBack(delivery);
            } else {
                reception.onDelivery(delivery);
            }
            throw e;
        }
        reception.onDelivery(delivery);
        reception.onDelivered(delivery);
        return body;
    }

    private static <T> @Nullable T requireBody(MillraceMessage message, Class<T> bodyType) throws JMSException {
        String refusal = "The message " + message.getJMSMessageID() + " has no body that is a " + bodyType.getName();
        if (message.bodyKind() == BodyKind.NONE) {
            throw new MessageFormatException(refusal);
        }
        try {
            return message.getBody(bodyType);
        } catch (MessageFormatException e) {
            throw Failures.caused(new MessageFormatException(refusal + ". " + e.getMessage()), e);
        }
    }

    private <T> @Nullable T alone(SessionUse.Work<T> work) throws JMSException {
        requireOpen();
        if (reception.hasListener() || session.pooled().listener() != null) {
            throw new IllegalStateException(
                    "The session has a message listener; it cannot receive by call too. Use another session");
        }
        return session.use().work("receive from " + destination, () -> calls.enter() ? runAndLeave(work) : null);
    }

    private <T> @Nullable T runAndLeave(SessionUse.Work<T> work) throws JMSException {
        try {
            return work.run();
        } finally {
            calls.leave();
        }
    }

    private @Nullable Delivery await(Duration timeout) throws JMSException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (!closed.get() && !session.isClosed()) {
            long rings = reception.bell().rings();
            Delivery delivery = pollThroughGates();
            if (delivery != null) {
                return delivery;
            }
            reception.acknowledgeLazyOnes();
            long remainingNanos = Math.min(deadlineNanos - System.nanoTime(), FOREVER.toNanos());
            if (remainingNanos <= 0) {
                return null;
            }
            try {
                reception.bell().awaitRing(rings, Duration.ofNanos(remainingNanos));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Failures.caused(new JMSException("Receiving from " + destination + " was interrupted"), e);
            }
        }
        return null;
    }

    private @Nullable Delivery pollThroughGates() throws JMSException {
        if (!reception.gate().enter()) {
            return null;
        }
        try {
            return gate.enter() ? pollAndLeave() : null;
        } finally {
            reception.gate().leave();
        }
    }

    private @Nullable Delivery pollAndLeave() throws JMSException {
        try {
            return poll();
        } finally {
            gate.leave();
        }
    }

    /** The next message that is wanted, if it is here; what is to be delivered again comes first. */
    @Nullable
    Delivery poll() throws JMSException {
        reception.requireRoom();
        synchronized (this) {
            if (!waiting.isEmpty()) {
                return waitingUntilNanos - System.nanoTime() > 0 ? null : waiting.poll();
            }
        }
        reception.awaitLastDelivered();
        while (true) {
            Delivery next = source.poll();
            if (next == null || isWanted(next)) {
                return next;
            }
            source.settle(List.of(next), AcknowledgeType.ACCEPT);
        }
    }

    /** Neither expired nor, for a subscriber that wants none of them, of its own connection. */
    private boolean isWanted(Delivery delivery) {
        MillraceMessage message = decoder.decode(delivery.content());
        String id = message.getJMSMessageID();
        boolean isLocal = unwantedIdPrefix != null && id != null && id.startsWith(unwantedIdPrefix);
        return !isLocal && !MessageDecoder.isExpired(message, session.nowMs());
    }

    private MillraceMessage decode(Delivery delivery) {
        MillraceMessage message = decoder.decode(delivery.content());
        message.acknowledgeWith(session::acknowledge);
        return message;
    }

    DeliveryGate gate() {
        return gate;
    }

    DeliveryGate calls() {
        return calls;
    }

    /** Calls the listener; the caller is the session's thread and has passed both gates. */
    void deliverToListener(MessageListener current, Delivery delivery) throws JMSException {
        reception.onDelivery(delivery);
        Throwable failure = new ListenerCall(current, decode(delivery)).failure();
        if (failure == null) {
            attemptsInRow = 0;
            reception.onDelivered(delivery);
        } else if (session.transaction().settlesAtOnce()) {
            reception.forget(delivery);
            onFailed(delivery.failedWith(failure));
        }
    }

    private void onFailed(Delivery failed) {
        if (source.takesBack(failed)) {
            attemptsInRow = 0;
            source.settle(List.of(failed), AcknowledgeType.RELEASE);
        } else {
            deliverAgainAfter(ListenerCall.backoff(attemptsInRow++), failed.again());
        }
    }

    @Nullable
    MessageListener listener() {
        return listener;
    }

    private synchronized void putBack(Delivery delivery) {
        waiting.addFirst(delivery);
    }

    private synchronized void deliverAgainAfter(Duration backoff, Delivery delivery) {
        waiting.addFirst(delivery);
        waitingUntilNanos = System.nanoTime() + backoff.toNanos();
    }

    synchronized void deliverAgain(List<Delivery> deliveries) {
        for (int i = deliveries.size() - 1; i >= 0; i--) {
            waiting.addFirst(deliveries.get(i));
        }
    }

    /** When {@link #poll} may give something that it does not give now, apart from what arrives. */
    synchronized long waitingUntilNanos() {
        return waitingUntilNanos;
    }

    synchronized List<Delivery> takeWaiting() {
        List<Delivery> all = new ArrayList<>(waiting);
        waiting.clear();
        return all;
    }

    /** Waits for a call of the listener or a receive in progress, unless it is that call which closes. */
    @Override
    public void close() throws JMSException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        reception.bell().ring();
        if (!session.delivery().isInListener()) {
            session.delivery().awaitShut(gate, true, "closing a consumer of " + destination);
            session.delivery().awaitShut(calls, true, "closing a consumer of " + destination);
        }
        listener = null;
        reception.remove(this);
    }

    void requireOpen() throws IllegalStateException {
        session.requireOpen();
        if (closed.get()) {
            throw new IllegalStateException("The consumer of " + destination + " is closed");
        }
    }
}
