package io.millrace.jms;

import io.millrace.client.DestinationKind;
import io.millrace.client.TemporaryName;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.naming.Reference;
import javax.naming.Referenceable;
import org.jspecify.annotations.Nullable;

/**
 * A queue or topic of Millrace, known by its name, and equal to every other of the same kind and name.
 *
 * <p>The name is a bean property so that containers can set it; nothing is asked of the cluster before the destination is
 * used.
 */
public abstract sealed class MillraceDestination implements Destination, Serializable, Referenceable
        permits MillraceQueue, MillraceTopic {
    private static final long serialVersionUID = 1;

    private static final String QUEUE_PREFIX = "queue:";
    private static final String TOPIC_PREFIX = "topic:";

    /** Kafka's rule for names of topics. */
    private static final Pattern LEGAL_NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    private String name;

    MillraceDestination(String name) {
        this.name = name;
    }

    /** As the cluster and Kafka clients know it. */
    public final String getName() {
        return name;
    }

    public final void setName(String newName) {
        this.name = newName;
    }

    public abstract DestinationKind kind();

    /** As record headers name it: {@code queue:orders}, {@code topic:prices}. */
    public final String qualifiedName() {
        return (kind() == DestinationKind.QUEUE ? QUEUE_PREFIX : TOPIC_PREFIX) + name;
    }

    @Override
    public final Reference getReference() {
        return AdministeredObjectFactory.reference(this);
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof MillraceDestination destination
                && kind() == destination.kind()
                && name.equals(destination.name);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(kind().name(), name);
    }

    @Override
    public final String toString() {
        return qualifiedName();
    }

    /** The destination that a header names; empty where the text names none. */
    public static Optional<MillraceDestination> parse(String qualifiedName) {
        if (qualifiedName.startsWith(QUEUE_PREFIX)) {
            return Optional.of(queue(qualifiedName.substring(QUEUE_PREFIX.length())));
        }
        if (qualifiedName.startsWith(TOPIC_PREFIX)) {
            return Optional.of(topic(qualifiedName.substring(TOPIC_PREFIX.length())));
        }
        return Optional.empty();
    }

    public static MillraceDestination of(String name, DestinationKind kind) {
        return kind == DestinationKind.QUEUE ? queue(name) : topic(name);
    }

    /** A queue, or a temporary one where the name is of that kind. */
    static MillraceQueue queue(String name) {
        return TemporaryName.isTemporary(name) ? new MillraceTemporaryQueue(name, null) : new MillraceQueue(name);
    }

    /** A topic, or a temporary one where the name is of that kind. */
    static MillraceTopic topic(String name) {
        return TemporaryName.isTemporary(name) ? new MillraceTemporaryTopic(name, null) : new MillraceTopic(name);
    }

    /** Whether it is a temporary destination, whoever has created it. */
    final boolean isTemporary() {
        return TemporaryName.isTemporary(name);
    }

    /**
     * This provider's destination in an application's hands.
     *
     * @throws InvalidDestinationException where it is null, another provider's, or has a name no destination can have
     */
    public static MillraceDestination require(@Nullable Destination destination) throws InvalidDestinationException {
        if (destination == null) {
            throw new InvalidDestinationException("The destination is null; name a queue or a topic");
        }
        if (destination instanceof MillraceDestination ours) {
            requireName(ours.getName());
            return ours;
        }
        throw new InvalidDestinationException("The destination " + destination + " is a "
                + destination.getClass().getName()
                + "; it must be a MillraceQueue or a MillraceTopic, made by a session "
                + "or looked up");
    }

    /** @throws InvalidDestinationException where no destination can have the name */
    public static String requireName(@Nullable String name) throws InvalidDestinationException {
        if (TemporaryName.isTemporary(name)) {
            return Objects.requireNonNull(name);
        }
        if (name == null || !LEGAL_NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new InvalidDestinationException("'" + name + "' is no name of a destination: it must have 1 to 249 "
                    + "characters out of letters, digits, '.', '_' and '-', and be neither '.' nor '..'");
        }
        return name;
    }
}
