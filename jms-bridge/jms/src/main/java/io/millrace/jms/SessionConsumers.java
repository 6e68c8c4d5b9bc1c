package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.client.DestinationDescription;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.selector.MessageSelector;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** Makes the message consumers of one session. */
final class SessionConsumers {
    /** A destination's configuration: {@code text} or {@code bytes}. */
    private static final String FOREIGN_BODY_CONFIGURATION = "jms.foreign.body";

    private final MillraceSession session;
    private final ClusterLink link;
    private final ConnectionSettings settings;
    private final SessionReception reception;

    SessionConsumers(
            MillraceSession session, ClusterLink link, ConnectionSettings settings, SessionReception reception) {
        this.session = session;
        this.link = link;
        this.settings = settings;
        this.reception = reception;
    }

    /** @param noLocal without effect on a queue, which the specification leaves open */
    MillraceMessageConsumer create(@Nullable Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        MillraceDestination ours = MillraceDestination.require(destination);
        MessageSelector selection = Selectors.parse(selector);
        if (ours instanceof MillraceQueue && !selection.isAll()) {
            throw Failures.notThereYet("Message selectors on queues ('" + selector + "' was given)");
        }
        // A subscriber must know all partitions there are; a queue's are found by the native consumer.
        DestinationDescription description = ours instanceof MillraceTopic
                ? link.requireNow(ours, settings.createDestinations())
                : link.require(ours, settings.createDestinations());
        MillraceMessageConsumer consumer = new MillraceMessageConsumer(
                session,
                reception,
                ours,
                decoder(description),
                source(ours, description, selection),
                noLocal && ours instanceof MillraceTopic ? session.ownIdPrefix() : null);
        reception.add(consumer);
        if (session.isClosed()) {
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
        DestinationDescription description = link.require(ours, settings.createDestinations());
        return new MillraceQueueBrowser(session, link, ours, decoder(description), selection);
    }

    private MessageSource source(
            MillraceDestination destination, DestinationDescription description, MessageSelector selector)
            throws JMSException {
        try {
            if (destination instanceof MillraceTopic topic) {
                return TopicSource.subscribe(topic, description, selector, link, reception.bell());
            }
            QueueConsumerConfiguration configuration =
                    QueueConsumerConfiguration.defaults().withPrefetch(settings.prefetch());
            return new QueueSource(
                    destination.getName(),
                    link.client().newQueueConsumer(destination.getName(), configuration),
                    reception.bell());
        } catch (ClientException e) {
            throw Failures.of("Creating a consumer of " + destination, e);
        }
    }

    /** A destination may say that its foreign records are text; else the connection does. */
    private MessageDecoder decoder(DestinationDescription description) {
        String body = description.configuration().get(FOREIGN_BODY_CONFIGURATION);
        if ("text".equals(body)) {
            return new MessageDecoder(ForeignBody.TEXT, settings.objectAllowList());
        }
        return new MessageDecoder(
                "bytes".equals(body) ? ForeignBody.BYTES : settings.foreignBody(), settings.objectAllowList());
    }
}
