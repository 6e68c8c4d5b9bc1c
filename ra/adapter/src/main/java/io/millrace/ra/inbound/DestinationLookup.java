package io.millrace.ra.inbound;

import io.millrace.client.DestinationKind;
import io.millrace.ra.configuration.ClusterReference;
import io.millrace.ra.configuration.ClusterSettings;
import io.millrace.ra.configuration.Placeholders;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import jakarta.resource.ResourceException;
import java.util.Optional;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/**
 * Turns an activation specification into a plan, with its JNDI names resolved.
 *
 * <p>To be called on the thread that activates the endpoint: there {@code java:comp}, {@code java:module},
 * {@code java:app} and {@code java:global} belong to the bean. On a thread of the adapter WildFly resolves global names
 * only, and Open Liberty none. A name that leads nowhere fails the deployment.
 */
final class DestinationLookup {
    private final MillraceActivationSpec spec;

    DestinationLookup(MillraceActivationSpec spec) {
        this.spec = spec;
    }

    DeliveryPlan plan() throws ResourceException {
        String lookup = spec.getDestinationLookup();
        String name = spec.getDestination();
        DestinationKind kind = kindOf(spec.getDestinationType());
        if (lookup != null && !lookup.isBlank()) {
            Object found = find("destinationLookup", lookup);
            kind = agreed(kind, found, lookup);
            name = nameOf(found, kind, lookup);
        }
        if (name == null || kind == null) {
            throw new IllegalStateException("the activation specification was not validated");
        }
        String selector = spec.getMessageSelector();
        boolean isSelective = selector != null && !selector.isBlank();
        if (isSelective && kind == DestinationKind.TOPIC) {
            throw new ResourceException("messageSelector is '" + selector + "', but '" + name
                    + "' is a topic; selectors of activations are supported on queues only");
        }
        return new DeliveryPlan(
                kind,
                Placeholders.resolve(name).trim(),
                orDefault(spec.getMaxSessions(), MillraceActivationSpec.DEFAULT_MAX_SESSIONS),
                orDefault(spec.getPrefetch(), MillraceActivationSpec.DEFAULT_PREFETCH),
                ActivationRules.isLazy(spec.getAcknowledgeMode()),
                !Boolean.FALSE.equals(spec.getCreateDestination()),
                isSelective ? selector : null);
    }

    /** The cluster of the connection factory that the specification names; empty where it names none. */
    Optional<ClusterSettings> cluster() throws ResourceException {
        String lookup = spec.getConnectionFactoryLookup();
        if (lookup == null || lookup.isBlank()) {
            return Optional.empty();
        }
        Object found = find("connectionFactoryLookup", lookup);
        if (found instanceof ClusterReference reference) {
            return Optional.of(reference.clusterSettings());
        }
        throw new ResourceException("connectionFactoryLookup '" + lookup + "' leads to "
                + found.getClass().getName() + "; it must lead to a connection factory of Millrace");
    }

    private static int orDefault(@Nullable Integer value, int defaultValue) {
        return value == null ? defaultValue : value;
    }

    private static @Nullable DestinationKind kindOf(@Nullable String destinationType) {
        if (destinationType == null || destinationType.isBlank()) {
            return null;
        }
        return destinationType.trim().equals(Queue.class.getName()) ? DestinationKind.QUEUE : DestinationKind.TOPIC;
    }

    @SuppressWarnings("BanJNDI") // The names are the deployer's, and the specification wants them looked up.
    private static Object find(String property, String jndiName) throws ResourceException {
        Object found;
        try {
            found = new InitialContext().lookup(jndiName);
        } catch (NamingException e) {
            throw new ResourceException(
                    property + " '" + jndiName + "' leads nowhere; bind it before the bean is deployed, or correct it",
                    e);
        }
        if (found == null) {
            throw new ResourceException(property + " '" + jndiName + "' leads to null; bind an object to it");
        }
        return found;
    }

    private static DestinationKind agreed(@Nullable DestinationKind wanted, Object found, String lookup)
            throws ResourceException {
        boolean isQueue = found instanceof Queue;
        boolean isTopic = found instanceof Topic;
        if (!isQueue && !isTopic) {
            throw new ResourceException("destinationLookup '" + lookup + "' leads to "
                    + found.getClass().getName() + "; it must lead to a jakarta.jms.Queue or jakarta.jms.Topic");
        }
        if ((wanted == DestinationKind.QUEUE && !isQueue) || (wanted == DestinationKind.TOPIC && !isTopic)) {
            throw new ResourceException("destinationLookup '" + lookup + "' leads to a "
                    + (isQueue ? "queue" : "topic") + ", but destinationType says " + wanted
                    + "; correct one of them");
        }
        return wanted != null ? wanted : isQueue ? DestinationKind.QUEUE : DestinationKind.TOPIC;
    }

    private static String nameOf(Object destination, DestinationKind kind, String lookup) throws ResourceException {
        String name;
        try {
            name = kind == DestinationKind.QUEUE
                    ? ((Queue) destination).getQueueName()
                    : ((Topic) destination).getTopicName();
        } catch (JMSException e) {
            throw new ResourceException("destinationLookup '" + lookup + "' leads to a destination without a name", e);
        }
        if (name == null || name.isBlank()) {
            throw new ResourceException(
                    "destinationLookup '" + lookup + "' leads to a destination without a name; set its property Name");
        }
        return name;
    }
}
