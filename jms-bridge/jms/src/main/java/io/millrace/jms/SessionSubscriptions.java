package io.millrace.jms;

import io.millrace.client.SubscriptionAdmin;
import io.millrace.client.SubscriptionDescription;
import io.millrace.protocol.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Topic;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The consumers of a session that have subscriptions which brokers keep: durable ones, shared ones, or both.
 *
 * <p>Used by the session's thread; what ends with a consumer may be ended by any.
 */
final class SessionSubscriptions {
    private final MillraceSession session;
    private final ClusterLink link;
    private final SessionConsumers consumers;
    private final SubscriptionSources sources;
    private final Bell bell;

    SessionSubscriptions(
            MillraceSession session,
            ClusterLink link,
            SubscriptionSources sources,
            SessionConsumers consumers,
            Bell bell) {
        this.session = session;
        this.link = link;
        this.sources = sources;
        this.consumers = consumers;
        this.bell = bell;
    }

    /** A consumer of a subscription, which begins now if it is not there yet: what is sent after this has returned is received. */
    MillraceMessageConsumer create(
            SubscriptionSources.Kind kind,
            @Nullable Topic topic,
            @Nullable String name,
            @Nullable String selector,
            boolean noLocal)
            throws JMSException {
        session.requireOpen();
        var wish = new SubscriptionSources.Wish(kind, session.clientId(), topic, name, selector, noLocal);
        MillraceTopic ours = wish.requireTopic();
        return consumers.add(
                ours, sources.open(wish, bell, Integer.MAX_VALUE), noLocal ? session.ownClientIdPrefix() : null);
    }

    /** Ends a durable subscription, shared or not. */
    void unsubscribe(@Nullable String name) throws JMSException {
        session.requireOpen();
        String required = SubscriptionSources.requireName(name);
        String clientId = session.clientId();
        String ownerId = clientId == null ? "" : clientId;
        String doing = "Unsubscribing from '" + name + "'";
        Optional<SubscriptionDescription> found =
                Failures.await(admin().find(ownerId, required, true), link.requestTimeout(), doing);
        if (found.isEmpty()) {
            throw new InvalidDestinationException("There is no durable subscription '" + name + "'"
                    + (ownerId.isEmpty() ? " without a client id" : " of the client id '" + ownerId + "'"));
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

    private SubscriptionAdmin admin() {
        return link.client().admin().subscriptions();
    }
}
