package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.client.DestinationDescription;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/** Opens the sources of messages, and knows how a destination's records are read. */
final class DestinationSources {
    /** A destination's configuration: {@code text} or {@code bytes}. */
    private static final String FOREIGN_BODY_CONFIGURATION = "jms.foreign.body";

    private final ClusterLink link;
    private final ConnectionSettings settings;
    private final ConnectionTemporaries temporaries;

    DestinationSources(ClusterLink link, ConnectionSettings settings, ConnectionTemporaries temporaries) {
        this.temporaries = temporaries;
        this.link = link;
        this.settings = settings;
    }

    /** Where messages come from, and how they are read. */
    record Origin(MessageSource source, MessageDecoder decoder) {}

    /**
     * Begins to receive.
     *
     * @param bell rings when there may be messages
     * @param prefetchMax of a queue: how many messages are acquired ahead, where the settings say no fewer
     */
    Origin open(MillraceDestination destination, @Nullable String selector, Bell bell, int prefetchMax)
            throws JMSException {
        MessageSelector selection = Selectors.parse(selector);
        if (destination.isTemporary()) {
            return new Origin(
                    temporaries.open(destination, selection, bell), decoder(link.requireNow(destination, false)));
        }
        // A subscriber must know all partitions there are; a queue's are found by the native consumer.
        DestinationDescription description = destination instanceof MillraceTopic
                ? link.requireNow(destination, settings.createDestinations())
                : link.require(destination, settings.createDestinations());
        try {
            return new Origin(source(destination, description, selection, bell, prefetchMax), decoder(description));
        } catch (ClientException e) {
            throw Failures.of("Creating a consumer of " + destination, e);
        }
    }

    private MessageSource source(
            MillraceDestination destination,
            DestinationDescription description,
            MessageSelector selector,
            Bell bell,
            int prefetchMax)
            throws JMSException {
        if (destination instanceof MillraceTopic topic) {
            return TopicSource.subscribe(topic, description, selector, link, bell);
        }
        QueueConsumerConfiguration configuration = QueueConsumerConfiguration.defaults()
                .withPrefetch(Math.min(settings.prefetch(), prefetchMax))
                .withSelector(Selectors.text(selector));
        return QueueSource.ofQueue(
                destination.toString(),
                link.client().newQueueConsumer(destination.getName(), configuration),
                selector,
                bell);
    }

    /** What a browser needs of a queue. */
    MessageDecoder decoder(MillraceQueue queue) throws JMSException {
        return decoder(link.require(queue, settings.createDestinations()));
    }

    /** A destination may say that its foreign records are text; else the connection does. */
    MessageDecoder decoder(DestinationDescription description) {
        String body = description.configuration().get(FOREIGN_BODY_CONFIGURATION);
        if ("text".equals(body)) {
            return new MessageDecoder(ForeignBody.TEXT, settings.objectAllowList());
        }
        return new MessageDecoder(
                "bytes".equals(body) ? ForeignBody.BYTES : settings.foreignBody(), settings.objectAllowList());
    }
}
