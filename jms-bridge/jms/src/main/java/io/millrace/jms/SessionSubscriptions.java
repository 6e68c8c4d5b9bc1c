package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.client.DestinationDescription;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.SubscriptionAdmin;
import io.millrace.client.SubscriptionDescription;
import io.millrace.client.SubscriptionWish;
import io.millrace.protocol.ErrorCode;
import io.millrace.selector.MessageSelector;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a session that have subscriptions which brokers keep: durable ones, shared ones, or both.
 *
 * <p>Used by the session's thread; what ends with a consumer may be ended by any.
 */
final class SessionSubscriptions {
    private static final System.Logger LOGGER = System.getLogger(SessionSubscriptions.class.getName());

    /** One that lasts as long as it has consumers may end just when another consumer comes. */
    private static final int BEGINNINGS_MAX = 5;

    private static final Duration END_MAX = Duration.ofSeconds(3);

    private final MillraceSession session;
    private final ClusterLink link;
    private final ConnectionSettings settings;
    private final SessionConsumers consumers;
    private final Bell bell;

    SessionSubscriptions(
            MillraceSession session,
            ClusterLink link,
            ConnectionSettings settings,
            SessionConsumers consumers,
            Bell bell) {
        this.session = session;
        this.link = link;
        this.settings = settings;
        this.consumers = consumers;
        this.bell = bell;
    }

    /** What kind of subscription a consumer is wanted of. */
    enum Kind {
        DURABLE(true, false),
        SHARED(false, true),
        SHARED_DURABLE(true, true);

        private final boolean isDurable;
        private final boolean isShared;

        Kind(boolean isDurable, boolean isShared) {
            this.isDurable = isDurable;
            this.isShared = isShared;
        }
    }

    /** A consumer of a subscription, which begins now if it is not there yet: what is sent after this has returned is received. */
    MillraceMessageConsumer create(
            Kind kind, @Nullable Topic topic, @Nullable String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        session.requireOpen();
        String clientId = clientId();
        if (kind == Kind.DURABLE && clientId.isEmpty()) {
            throw new IllegalStateException(
                    "A durable subscription that is not shared belongs to a client id, and the connection has none; set it on the"
                            + " connection or its factory");
        }
        String required = requireName(name);
        MessageSelector selecting = Selectors.parse(selector);
        if (noLocal) {
            throw Failures.notThereYet("Durable subscriptions with noLocal");
        }
        if (!(MillraceDestination.require(topic) instanceof MillraceTopic ours)) {
            throw new InvalidDestinationException(topic + " is a queue; only topics have subscriptions");
        }
        DestinationDescription description = link.requireNow(ours, settings.createDestinations());
        var wanted = new SubscriptionWish(
                ours.getName(), clientId, required, kind.isDurable, kind.isShared, selecting.text(), false);
        return consumers.add(ours, description, source(wanted, selecting));
    }

    private String clientId() throws JMSException {
        String clientId = session.clientId();
        return clientId == null ? "" : clientId;
    }

    private static String requireName(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new JMSException(
                    "The name of the subscription is " + (name == null ? "null" : "empty") + "; it needs one");
        }
        return name;
    }

    private QueueSource source(SubscriptionWish wanted, MessageSelector selector) throws JMSException {
        String doing = "Subscribing to topic:" + wanted.topic() + " as " + wanted;
        for (int attempt = 1; ; attempt++) {
            SubscriptionDescription begun =
                    Failures.await(admin().create(wanted), link.requestTimeout().multipliedBy(2), doing);
            QueueConsumer consumer = newConsumer(begun, doing);
            boolean attached = false;
            try {
                Failures.await(consumer.attached(), link.requestTimeout(), doing);
                attached = true;
                return new QueueSource(begun.toString(), consumer, selector, bell, () -> end(begun));
            } catch (JMSException e) {
                if (!hasEnded(e) || wanted.isDurable() || attempt == BEGINNINGS_MAX) {
                    throw e;
                }
            } finally {
                if (!attached) {
                    consumer.close();
                }
            }
        }
    }

    private QueueConsumer newConsumer(SubscriptionDescription begun, String doing) throws JMSException {
        try {
            return link.client()
                    .newSubscriptionConsumer(
                            begun, QueueConsumerConfiguration.defaults().withPrefetch(settings.prefetch()));
        } catch (ClientException e) {
            throw Failures.of(doing, e);
        }
    }

    private static boolean hasEnded(JMSException failure) {
        return ErrorCode.RESOURCE_NOT_FOUND.name().equals(failure.getErrorCode());
    }

    private SubscriptionAdmin admin() {
        return link.client().admin().subscriptions();
    }

    /** A consumer is closed. One that is not durable ends with the last of its consumers; where that fails, brokers find it out. */
    private void end(SubscriptionDescription subscription) {
        if (subscription.isDurable()) {
            return;
        }
        try {
            admin().delete(subscription).get(END_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOGGER.log(Level.DEBUG, () -> "The " + subscription + " does not end with this consumer: " + e);
        }
    }

    /** Ends a durable subscription, shared or not. */
    void unsubscribe(@Nullable String name) throws JMSException {
        session.requireOpen();
        String required = requireName(name);
        String doing = "Unsubscribing from '" + name + "'";
        Optional<SubscriptionDescription> found =
                Failures.await(admin().find(clientId(), required, true), link.requestTimeout(), doing);
        if (found.isEmpty()) {
            throw new InvalidDestinationException("There is no durable subscription '" + name + "'"
                    + (clientId().isEmpty() ? " without a client id" : " of the client id '" + clientId() + "'"));
        }
        try {
            Failures.await(admin().delete(found.get()), link.requestTimeout(), doing);
        } catch (JMSException e) {
            if (ErrorCode.NON_EMPTY_GROUP.name().equals(e.getErrorCode())) {
                throw Failures.caused(new IllegalStateException(e.getMessage(), e.getErrorCode()), e);
            }
            throw e;
        }
    }
}
