package io.millrace.jms.jndi;

import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import jakarta.jms.InvalidDestinationException;
import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes contexts of what the JNDI environment says, which usually is a file {@code jndi.properties}; its keys are those
 * that users of ActiveMQ and Artemis know.
 *
 * <pre>
 * java.naming.factory.initial = io.millrace.jms.jndi.PropertiesInitialContextFactory
 * java.naming.provider.url    = millrace://broker1:9092,broker2:9092
 * connectionFactory.NAME      = millrace://broker1:9092?clientId=shop
 * queue.NAME                  = orders
 * topic.NAME                  = prices
 * </pre>
 *
 * <p>With a provider URL alone there are {@code ConnectionFactory}, {@code QueueConnectionFactory} and
 * {@code TopicConnectionFactory}; {@code connectionFactoryNames} gives them other names. Every destination is found as
 * {@code dynamicQueues/orders} or {@code dynamicTopics/prices} too. Nothing here asks the cluster for anything.
 */
public final class PropertiesInitialContextFactory implements InitialContextFactory {
    private static final String CONNECTION_FACTORY = "connectionFactory.";
    private static final String CONNECTION_FACTORY_NAMES = "connectionFactoryNames";
    private static final String DEFAULT_NAMES = "ConnectionFactory,QueueConnectionFactory,TopicConnectionFactory";
    private static final String QUEUE = "queue.";
    private static final String TOPIC = "topic.";

    /** For JNDI, which makes it by its name. */
    public PropertiesInitialContextFactory() {}

    /** @throws ConfigurationException where a value is wrong, naming its key */
    @Override
    public Context getInitialContext(@Nullable Hashtable<?, ?> environment) throws NamingException {
        Map<String, String> properties = texts(environment);
        Map<String, Object> bindings = new TreeMap<>();
        bindByProviderUrl(bindings, properties);
        for (Map.Entry<String, String> property : properties.entrySet()) {
            String key = property.getKey();
            String value = property.getValue().trim();
            if (key.startsWith(CONNECTION_FACTORY)) {
                String name = nameOf(key, CONNECTION_FACTORY);
                bindings.put(name, connectionFactory(key, value, properties));
            } else if (key.startsWith(QUEUE)) {
                bindings.put(nameOf(key, QUEUE), new MillraceQueue(requireDestinationName(key, value)));
            } else if (key.startsWith(TOPIC)) {
                bindings.put(nameOf(key, TOPIC), new MillraceTopic(requireDestinationName(key, value)));
            }
        }
        return new ReadOnlyContext(bindings, "", environment);
    }

    private static Map<String, String> texts(@Nullable Hashtable<?, ?> environment) {
        Map<String, String> texts = new TreeMap<>();
        if (environment != null) {
            environment.forEach((key, value) -> {
                if (key instanceof String name && value instanceof String text) {
                    texts.put(name, text);
                }
            });
        }
        return texts;
    }

    private static void bindByProviderUrl(Map<String, Object> bindings, Map<String, String> properties)
            throws NamingException {
        String url = properties.get(Context.PROVIDER_URL);
        String names = properties.get(CONNECTION_FACTORY_NAMES);
        if (url == null || url.isBlank()) {
            if (names != null) {
                throw new ConfigurationException(CONNECTION_FACTORY_NAMES + " is '" + names + "', but "
                        + Context.PROVIDER_URL + ", which tells their cluster, is missing; set it to "
                        + "millrace://host:port");
            }
            return;
        }
        for (String name : (names == null ? DEFAULT_NAMES : names).split(",", -1)) {
            if (!name.isBlank()) {
                bindings.put(name.trim(), connectionFactory(Context.PROVIDER_URL, url.trim(), properties));
            }
        }
    }

    private static String nameOf(String key, String prefix) throws ConfigurationException {
        String name = key.substring(prefix.length());
        if (name.isBlank() || name.startsWith("/") || name.endsWith("/")) {
            throw new ConfigurationException("The key '" + key + "' has no name to look up; it must look like " + prefix
                    + "orders or " + prefix + "jms/orders");
        }
        return name;
    }

    private static MillraceConnectionFactory connectionFactory(String key, String uri, Map<String, String> properties)
            throws ConfigurationException {
        MillraceConnectionFactory factory;
        try {
            factory = new MillraceConnectionFactory(uri);
        } catch (IllegalArgumentException e) {
            throw caused(new ConfigurationException(key + " is wrong: " + e.getMessage()), e);
        }
        factory.setUserName(properties.get(Context.SECURITY_PRINCIPAL));
        factory.setPassword(properties.get(Context.SECURITY_CREDENTIALS));
        return factory;
    }

    private static String requireDestinationName(String key, String name) throws ConfigurationException {
        try {
            return MillraceDestination.requireName(name);
        } catch (InvalidDestinationException e) {
            throw caused(new ConfigurationException(key + " is wrong: " + e.getMessage()), e);
        }
    }

    private static ConfigurationException caused(ConfigurationException exception, Exception cause) {
        exception.setRootCause(cause);
        return exception;
    }
}
