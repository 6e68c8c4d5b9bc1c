package io.millrace.jms;

import io.millrace.selector.MessageSelector;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** Makes the message consumers and the browsers of one session. */
final class SessionConsumers {
    private final MillraceSession session;
    private final ClusterLink link;
    private final DestinationSources sources;
    private final SessionReception reception;

    SessionConsumers(
            MillraceSession session, ClusterLink link, ConnectionSettings settings, SessionReception reception) {
        this.session = session;
        this.link = link;
        this.sources = new DestinationSources(link, settings, session.temporaries());
        this.reception = reception;
    }

    /** @param noLocal without effect on a queue, which the specification leaves open */
    MillraceMessageConsumer create(@Nullable Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        MillraceDestination ours = MillraceDestination.require(destination);
        DestinationSources.Origin origin = sources.open(ours, selector, reception.bell(), Integer.MAX_VALUE);
        return add(ours, origin, noLocal && ours instanceof MillraceTopic ? session.ownIdPrefix() : null);
    }

    /** The sources of subscriptions that brokers keep. */
    SubscriptionSources subscriptions(ConnectionSettings settings) {
        return new SubscriptionSources(link, settings, sources);
    }

    /**
     * A consumer of what comes from an origin.
     *
     * @param unwantedIdPrefix what the ids of messages begin with that are not delivered; null: all are delivered
     */
    MillraceMessageConsumer add(
            MillraceDestination destination, DestinationSources.Origin origin, @Nullable String unwantedIdPrefix)
            throws JMSException {
        var consumer = new MillraceMessageConsumer(
                session, reception, destination, origin.decoder(), origin.source(), unwantedIdPrefix);
        reception.add(consumer);
        if (!session.isUsable()) {
            // Closed by another thread meanwhile, which may not have seen this consumer.
            consumer.source().close();
        }
        session.requireOpen();
        return consumer;
    }

    MillraceQueueBrowser browse(@Nullable Queue queue, @Nullable String selector) throws JMSException {
        session.requireOpen();
        if (!(MillraceDestination.require(queue) instanceof MillraceQueue ours)) {
            throw new InvalidDestinationException(queue + " is no queue; only queues can be browsed");
        }
        MessageSelector selection = Selectors.parse(selector);
        return new MillraceQueueBrowser(session, reception, link, ours, sources.decoder(ours), selection);
    }
}
