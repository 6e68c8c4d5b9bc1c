package io.millrace.jms;

import io.millrace.client.ClientException;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Opens the sources of subscriptions that brokers keep: durable ones, shared ones, or both.
 *
 * <p>Safe for use by any thread.
 */
final class SubscriptionSources {
    private static final System.Logger LOGGER = System.getLogger(SubscriptionSources.class.getName());

    /** One that lasts as long as it has consumers may end just when another consumer comes. */
    private static final int BEGINNINGS_MAX = 5;

    private static final Duration END_MAX = Duration.ofSeconds(3);

    private final ClusterLink link;
    private final ConnectionSettings settings;
    private final DestinationSources decoders;

    /** @param decoders know how records are read */
    SubscriptionSources(ClusterLink link, ConnectionSettings settings, DestinationSources decoders) {
        this.link = link;
        this.settings = settings;
        this.decoders = decoders;
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

    /**
     * What a consumer wants, as the application has said it.
     *
     * @param clientId the connection's; null where it has none
     */
    record Wish(
            Kind kind,
            @Nullable String clientId,
            @Nullable Topic topic,
            @Nullable String name,
            @Nullable String selector,
            boolean noLocal) {

        /** Checks what needs no cluster. */
        MillraceTopic requireTopic() throws JMSException {
            if (kind == Kind.DURABLE && ownerId().isEmpty()) {
                throw new IllegalStateException(
                        "A durable subscription that is not shared belongs to a client id, and the connection has none; set it on the"
                                + " connection or its factory");
            }
            requireName(name);
            Selectors.parse(selector);
            if (!(MillraceDestination.require(topic) instanceof MillraceTopic ours)) {
                throw new InvalidDestinationException(topic + " is a queue; only topics have subscriptions");
            }
            if (ours.isTemporary()) {
                throw new InvalidDestinationException(
                        ours + " is temporary; a subscription with a name can only be of a topic that stays");
            }
            return ours;
        }

        private String ownerId() {
            return clientId == null ? "" : clientId;
        }
    }

    static String requireName(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new JMSException(
                    "The name of the subscription is " + (name == null ? "null" : "empty") + "; it needs one");
        }
        return name;
    }

    /**
     * A source of a subscription, which begins now if it is not there yet: what is sent after this has returned is received.
     *
     * @param bell rings when there may be messages
     * @param prefetchMax how many messages are acquired ahead, where the settings say no fewer
     */
    DestinationSources.Origin open(Wish wish, Bell bell, int prefetchMax) throws JMSException {
        MillraceTopic topic = wish.requireTopic();
        MessageSelector selector = Selectors.parse(wish.selector);
        MessageDecoder decoder = decoders.decoder(link.requireNow(topic, settings.createDestinations()));
        var wanted = new SubscriptionWish(
                topic.getName(),
                wish.ownerId(),
                requireName(wish.name),
                wish.kind.isDurable,
                wish.kind.isShared,
                selector.text(),
                wish.noLocal);
        var prefetch = QueueConsumerConfiguration.defaults().withPrefetch(Math.min(settings.prefetch(), prefetchMax));
        return new DestinationSources.Origin(source(wanted, selector, bell, prefetch), decoder);
    }

    private QueueSource source(
            SubscriptionWish wanted, MessageSelector selector, Bell bell, QueueConsumerConfiguration prefetch)
            throws JMSException {
        String doing = "Subscribing to topic:" + wanted.topic() + " as " + wanted;
        for (int attempt = 1; ; attempt++) {
            SubscriptionDescription begun =
                    Failures.await(admin().create(wanted), link.requestTimeout().multipliedBy(2), doing);
            QueueConsumer consumer = newConsumer(begun, prefetch, doing);
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

    private QueueConsumer newConsumer(SubscriptionDescription begun, QueueConsumerConfiguration prefetch, String doing)
            throws JMSException {
        try {
            return link.client().newSubscriptionConsumer(begun, prefetch);
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
}
