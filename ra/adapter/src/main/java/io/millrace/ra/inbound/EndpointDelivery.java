package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings one message to one endpoint:
 *
 * <pre>
 *   createEndpoint ── unavailable: hold the message, wait, again ──┐
 *        │                                      activation ends: NOT_DELIVERED
 *   beforeDelivery ── watch its transaction ── onMessage ── afterDelivery ── release
 *                                                                  │
 *                    transaction committed, or without one the bean returned: CONSUMED
 *                    otherwise:                                               FAILED
 * </pre>
 *
 * <p>In a container's transaction its outcome alone decides, as it does with XA: an application exception that does not
 * roll back consumes the message. Used by all sessions of an activation at once; holds no state of a delivery.
 */
final class EndpointDelivery {
    private static final System.Logger LOGGER = System.getLogger(EndpointDelivery.class.getName());
    static final Method ON_MESSAGE = onMessage();

    private final MessageEndpointFactory factory;
    private final @Nullable TransactionSynchronizationRegistry transactions;
    private final StopSignal stop;
    private final OutageLog unavailable;

    EndpointDelivery(
            MessageEndpointFactory factory,
            @Nullable TransactionSynchronizationRegistry transactions,
            StopSignal stop,
            OutageLog unavailable) {
        this.factory = factory;
        this.transactions = transactions;
        this.stop = stop;
        this.unavailable = unavailable;
    }

    /** What became of a message. */
    enum Outcome {
        CONSUMED,
        FAILED,
        /** The activation ended before there was an endpoint; no bean saw the message. */
        NOT_DELIVERED
    }

    Outcome deliver(Message message) throws InterruptedException {
        return deliver(message, failure -> {});
    }

    /** @param onFailure is told what the bean or its container has thrown */
    Outcome deliver(Message message, Consumer<Throwable> onFailure) throws InterruptedException {
        MessageEndpoint endpoint = awaitEndpoint();
        if (endpoint == null) {
            return Outcome.NOT_DELIVERED;
        }
        try {
            return deliver(message, endpoint, onFailure);
        } finally {
            release(endpoint);
        }
    }

    // A container that is starting, stopping or at its limit says so in many ways; none of them may cost the message.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private @Nullable MessageEndpoint awaitEndpoint() throws InterruptedException {
        int failures = 0;
        while (!stop.isSet()) {
            try {
                MessageEndpoint endpoint = factory.createEndpoint(null);
                unavailable.works();
                return endpoint;
            } catch (ResourceException | RuntimeException e) {
                failures++;
                unavailable.failed(e, "messages wait until it is there");
                if (stop.await(Backoff.OF_ENDPOINTS.pauseAfter(failures))) {
                    return null;
                }
            }
        }
        return null;
    }

    // Whatever the bean or its container throws, afterDelivery must follow, or the transaction would stay on this
    // thread.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private Outcome deliver(Message message, MessageEndpoint endpoint, Consumer<Throwable> onFailure) {
        try {
            endpoint.beforeDelivery(ON_MESSAGE);
        } catch (NoSuchMethodException | ResourceException | RuntimeException e) {
            LOGGER.log(WARNING, () -> "The container could not begin a delivery; the message comes back", e);
            onFailure.accept(e);
            return Outcome.FAILED;
        }
        Optional<DeliveryTransaction> transaction = Optional.empty();
        Throwable failure = null;
        try {
            transaction = DeliveryTransaction.watch(transactions);
            ((MessageListener) endpoint).onMessage(message);
        } catch (Throwable e) {
            failure = e;
        }
        try {
            endpoint.afterDelivery();
        } catch (ResourceException | RuntimeException e) {
            failure = failure == null ? e : failure;
        }
        if (failure != null) {
            onFailure.accept(failure);
        }
        return outcome(transaction, failure);
    }

    private static Outcome outcome(Optional<DeliveryTransaction> transaction, @Nullable Throwable failure) {
        if (failure != null) {
            // The container has logged the bean's exception already.
            LOGGER.log(DEBUG, () -> "A delivery failed", failure);
        }
        boolean consumed = transaction.map(DeliveryTransaction::isCommitted).orElse(failure == null);
        return consumed ? Outcome.CONSUMED : Outcome.FAILED;
    }

    // An endpoint that cannot be released is the container's to clean up; the outcome of the delivery stands.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private static void release(MessageEndpoint endpoint) {
        try {
            endpoint.release();
        } catch (RuntimeException e) {
            LOGGER.log(DEBUG, () -> "An endpoint could not be released", e);
        }
    }

    private static Method onMessage() {
        try {
            return MessageListener.class.getMethod("onMessage", Message.class);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("jakarta.jms.MessageListener has no onMessage(Message)", e);
        }
    }
}
