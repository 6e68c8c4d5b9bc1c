package io.millrace.cdi;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What {@link Destination} says, checked. */
record InjectedDestination(String name, Destination.Kind kind, String connectionFactory) implements Serializable {
    private static final List<String> CONNECTION_FACTORIES =
            List.of("java:/jms/Millrace", "jms/Millrace", "java:comp/DefaultJMSConnectionFactory");
    private static final Pattern LEGAL_NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    static InjectedDestination of(Destination annotation) {
        return new InjectedDestination(annotation.value(), annotation.kind(), annotation.connectionFactory());
    }

    boolean isJndiName() {
        return name.contains("/") || name.contains(":");
    }

    /** Why no destination can have this name. */
    Optional<String> objection() {
        if (isJndiName() || LEGAL_NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        return Optional.of("@Destination(\"" + name + "\") names no destination: a name has 1 to 249 characters out of "
                + "letters, digits, '.', '_' and '-'; a JNDI name has a '/' or ':'");
    }

    /** In the order in which they are looked up. */
    List<String> connectionFactories() {
        return connectionFactory.isEmpty() ? CONNECTION_FACTORIES : List.of(connectionFactory);
    }
}
