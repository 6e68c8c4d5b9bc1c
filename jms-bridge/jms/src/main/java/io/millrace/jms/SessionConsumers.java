package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.client.DestinationDescription;
import io.millrace.client.QueueConsumerConfiguration;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
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
        if (selector != null && !selector.isBlank()) {
            throw Failures.notThereYet("Message selectors ('" + selector + "' was given)");
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
                source(ours, description),
                noLocal && ours instanceof MillraceTopic ? session.ownIdPrefix() : null);
        reception.add(consumer);
        if (session.isClosed()) {
            // Closed by another thread meanwhile, which may not have seen this consumer.
            consumer.source().close();
        }
        session.requireOpen();
        return consumer;
    }

    private MessageSource source(MillraceDestination destination, DestinationDescription description)
            throws JMSException {
        try {
            if (destination instanceof MillraceTopic topic) {
                return TopicSource.subscribe(topic, description, link, reception.bell());
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
