package io.millrace.jms;

import io.millrace.client.DestinationKind;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A queue or topic of Millrace, known by its name. */
public sealed interface MillraceDestination extends Destination permits MillraceQueue, MillraceTopic {

    /** As the cluster and Kafka clients know it. */
    String getName();

    DestinationKind kind();

    /** As record headers name it: {@code queue:orders}, {@code topic:prices}. */
    default String qualifiedName() {
        return (kind() == DestinationKind.QUEUE ? QUEUE_PREFIX : TOPIC_PREFIX) + getName();
    }

    String QUEUE_PREFIX = "queue:";
    String TOPIC_PREFIX = "topic:";

    /** The destination that a header names; empty where the text names none. */
    static Optional<MillraceDestination> parse(String qualifiedName) {
        if (qualifiedName.startsWith(QUEUE_PREFIX)) {
            return Optional.of(new MillraceQueue(qualifiedName.substring(QUEUE_PREFIX.length())));
        }
        if (qualifiedName.startsWith(TOPIC_PREFIX)) {
            return Optional.of(new MillraceTopic(qualifiedName.substring(TOPIC_PREFIX.length())));
        }
        return Optional.empty();
    }

    static MillraceDestination of(String name, DestinationKind kind) {
        return kind == DestinationKind.QUEUE ? new MillraceQueue(name) : new MillraceTopic(name);
    }

    /**
     * This provider's destination in an application's hands.
     *
     * @throws InvalidDestinationException where it is null, another provider's, or has a name no destination can have
     */
    static MillraceDestination require(@Nullable Destination destination) throws InvalidDestinationException {
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
    static String requireName(@Nullable String name) throws InvalidDestinationException {
        if (name == null || !Names.LEGAL.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw new InvalidDestinationException("'" + name + "' is no name of a destination: it must have 1 to 249 "
                    + "characters out of letters, digits, '.', '_' and '-', and be neither '.' nor '..'");
        }
        return name;
    }

    /** Kafka's rule for names of topics. */
    final class Names {
        private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

        private Names() {}
    }
}
