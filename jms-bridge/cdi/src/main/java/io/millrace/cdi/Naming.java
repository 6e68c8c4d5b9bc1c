package io.millrace.cdi;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSRuntimeException;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Finds a producer's objects in the server's naming service, at each use anew: a server may replace them. */
@SuppressWarnings("BanJNDI") // the names stand in the application's own annotations
final class Naming {
    private Naming() {}

    static ConnectionFactory connectionFactory(InjectedDestination destination) {
        NamingException last = null;
        for (String name : destination.connectionFactories()) {
            try {
                Object found = new InitialContext().lookup(name);
                if (found instanceof ConnectionFactory factory) {
                    return factory;
                }
                throw new JMSRuntimeException(
                        "The object bound as " + name + " is a " + className(found) + ", no JMS connection factory");
            } catch (NamingException e) {
                last = e;
            }
        }
        throw new JMSRuntimeException(
                "No JMS connection factory is bound as " + String.join(" or ", destination.connectionFactories())
                        + ", which sending to " + destination.name()
                        + " needs: deploy the Millrace resource adapter, or "
                        + "name another one in @Destination(connectionFactory)",
                null,
                last);
    }

    static jakarta.jms.Destination destination(String jndiName) {
        try {
            Object found = new InitialContext().lookup(jndiName);
            if (found instanceof jakarta.jms.Destination destination) {
                return destination;
            }
            throw new InvalidDestinationRuntimeException(
                    "The object bound as " + jndiName + " is a " + className(found) + ", no JMS destination");
        } catch (NamingException e) {
            throw new InvalidDestinationRuntimeException(
                    "No JMS destination is bound as " + jndiName + ", which @Destination names", null, e);
        }
    }

    private static String className(Object found) {
        return found == null ? "null" : found.getClass().getName();
    }
}
