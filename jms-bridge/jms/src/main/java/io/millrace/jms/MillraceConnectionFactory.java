package io.millrace.jms;

import io.millrace.jms.FactoryParameters.Parameter;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.io.Serializable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Properties;
import javax.naming.Reference;
import javax.naming.Referenceable;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to a cluster.
 *
 * <p>It is told its cluster by bean properties, by {@link Properties} or by a URI,
 * {@code millrace://host:port,host:port?clientId=name}; all have the same parameters, and the module's README lists them. Connections of equal factories share one client, whose
 * threads end with the last connection. Setting properties does no input or output, and does not touch connections
 * made before. Creating a connection asks the cluster whether it is there, for at most the connect timeout.
 *
 * <p>User name and password are taken but not checked by anybody yet: brokers let everybody in.
 */
public final class MillraceConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Serializable, Referenceable {
    private static final System.Logger LOGGER = System.getLogger(MillraceConnectionFactory.class.getName());
    private static final long serialVersionUID = 1;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private static final String USER_NAME = "userName";
    private static final String PASSWORD = "password";

    private FactoryParameters parameters;
    private @Nullable String userName;
    private @Nullable String password;
    private transient @Nullable SharedLinks links;
    private transient volatile boolean hasNotedUser;

    /** For a cluster at {@code localhost:9092}, until told otherwise. */
    public MillraceConnectionFactory() {
        this.parameters = new FactoryParameters();
    }

    /** @throws IllegalArgumentException where the URI is none, or has a parameter that is unknown or wrong */
    public MillraceConnectionFactory(String uri) {
        this.parameters = FactoryParameters.parse(uri);
    }

    /**
     * @param properties as {@link #setProperties} takes them
     * @throws IllegalArgumentException where a property is unknown or wrong
     */
    public MillraceConnectionFactory(Properties properties) {
        this();
        setProperties(properties);
    }

    /** Over clients that a test opens. */
    MillraceConnectionFactory(String uri, SharedLinks links) {
        this(uri);
        this.links = links;
    }

    @Override
    public Connection createConnection() throws JMSException {
        return connect(MessagingDomain.BOTH);
    }

    @Override
    public Connection createConnection(@Nullable String user, @Nullable String userPassword) throws JMSException {
        noteUser(user);
        return connect(MessagingDomain.BOTH);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return connect(MessagingDomain.QUEUE);
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String user, @Nullable String userPassword)
            throws JMSException {
        noteUser(user);
        return connect(MessagingDomain.QUEUE);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return connect(MessagingDomain.TOPIC);
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String user, @Nullable String userPassword)
            throws JMSException {
        noteUser(user);
        return connect(MessagingDomain.TOPIC);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String userPassword) {
        noteUser(user);
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String userPassword, int sessionMode) {
        noteUser(user);
        return createContext(sessionMode);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        MillraceJMSContext.requireSessionMode(sessionMode);
        return MillraceJMSContext.over(Unchecked.get(() -> connect(MessagingDomain.BOTH)), sessionMode);
    }

    /** Who names a user expects a check; that there is none must not go unnoticed. */
    private void noteUser(@Nullable String user) {
        if (user != null && !user.isEmpty() && !hasNotedUser) {
            hasNotedUser = true;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    () -> "The user name '" + user + "' and its password are not checked: brokers know no users yet");
        }
    }

    private MillraceConnection connect(MessagingDomain domain) throws JMSException {
        SharedLinks.Lease lease = links().lease(parameters.clientConfiguration());
        boolean connected = false;
        try {
            requireCluster(lease.link());
            MillraceConnection connection = new MillraceConnection(
                    lease.link(), parameters.connectionSettings(), domain, InstantSource.system(), lease.giveBack());
            connected = true;
            return connection;
        } finally {
            if (!connected) {
                lease.giveBack().run();
            }
        }
    }

    private void requireCluster(ClusterLink link) throws JMSException {
        Duration timeout = parameters.duration(Parameter.CONNECT_TIMEOUT_MS, CONNECT_TIMEOUT);
        if (timeout.isZero()) {
            return;
        }
        try {
            Failures.await(link.client().admin().cluster(), timeout, "Connecting");
        } catch (JMSException e) {
            throw Failures.caused(
                    new JMSException(
                            "No broker of the cluster at " + parameters.bootstrapServers() + " has answered within "
                                    + timeout + "; is it running, and are these its addresses? " + e.getMessage()),
                    e);
        }
    }

    private SharedLinks links() {
        return links == null ? SharedLinks.OF_CLASS_LOADER : links;
    }

    /** All properties but user name and password. */
    public String getUri() {
        return parameters.toUri();
    }

    /** Replaces all properties but user name and password. */
    public void setUri(String uri) {
        this.parameters = FactoryParameters.parse(uri);
    }

    /** What differs from the defaults, as {@link #setProperties} takes it. */
    public Properties getProperties() {
        Properties properties = parameters.toProperties();
        if (userName != null) {
            properties.setProperty(USER_NAME, userName);
        }
        if (password != null) {
            properties.setProperty(PASSWORD, password);
        }
        return properties;
    }

    /**
     * Sets what the properties name and leaves the rest: the URI's parameters, {@code bootstrapServers},
     * {@code userName} and {@code password}. Where one is wrong, none is set.
     *
     * @throws IllegalArgumentException where a property is unknown or wrong
     */
    public void setProperties(Properties properties) {
        FactoryParameters changed = FactoryParameters.parse(parameters.toUri());
        for (String name : properties.stringPropertyNames()) {
            if (!name.equals(USER_NAME) && !name.equals(PASSWORD)) {
                changed.set(name, properties.getProperty(name));
            }
        }
        this.parameters = changed;
        this.userName = properties.getProperty(USER_NAME, userName);
        this.password = properties.getProperty(PASSWORD, password);
    }

    public String getBootstrapServers() {
        return parameters.bootstrapServers();
    }

    /** {@code host:port}, or several split by commas. */
    public void setBootstrapServers(String bootstrapServers) {
        parameters.setBootstrapServers(bootstrapServers);
    }

    public @Nullable String getClientId() {
        return parameters.get(Parameter.CLIENT_ID);
    }

    /** The client id of every connection; null: applications may set one. */
    public void setClientId(@Nullable String clientId) {
        parameters.set(Parameter.CLIENT_ID, clientId);
    }

    public String getForeignBody() {
        return Objects.requireNonNullElse(parameters.get(Parameter.FOREIGN_BODY), "bytes");
    }

    /** What records become that no JMS client wrote: {@code bytes} or {@code text}. */
    public void setForeignBody(@Nullable String foreignBody) {
        parameters.set(Parameter.FOREIGN_BODY, foreignBody);
    }

    public int getPrefetch() {
        return parameters.connectionSettings().prefetch();
    }

    /** How many messages a queue consumer acquires ahead. */
    public void setPrefetch(int prefetch) {
        parameters.set(Parameter.PREFETCH, Integer.toString(prefetch));
    }

    public boolean isCreateDestinations() {
        return parameters.connectionSettings().createDestinations();
    }

    /** Whether a destination that does not exist is created when it is first used. */
    public void setCreateDestinations(boolean createDestinations) {
        parameters.set(Parameter.CREATE_DESTINATIONS, Boolean.toString(createDestinations));
    }

    public String getObjectAllowList() {
        return parameters.connectionSettings().objectAllowList().toString();
    }

    /**
     * The classes whose objects may be read from ObjectMessages, as {@code com.acme.Order,com.acme.orders.*}; null or
     * empty: none but strings and the like.
     */
    public void setObjectAllowList(@Nullable String objectAllowList) {
        parameters.set(Parameter.OBJECT_ALLOW_LIST, objectAllowList);
    }

    public int getConnectTimeoutMs() {
        return (int) parameters
                .duration(Parameter.CONNECT_TIMEOUT_MS, CONNECT_TIMEOUT)
                .toMillis();
    }

    /** How long creating a connection waits for the cluster; 0: it does not ask. */
    public void setConnectTimeoutMs(int connectTimeoutMs) {
        parameters.set(Parameter.CONNECT_TIMEOUT_MS, Integer.toString(connectTimeoutMs));
    }

    public int getRequestTimeoutMs() {
        return (int) parameters.clientConfiguration().requestTimeout().toMillis();
    }

    /** How long one request to a broker may take. */
    public void setRequestTimeoutMs(int requestTimeoutMs) {
        parameters.set(Parameter.REQUEST_TIMEOUT_MS, Integer.toString(requestTimeoutMs));
    }

    public int getDeliveryTimeoutMs() {
        return (int) parameters.clientConfiguration().deliveryTimeout().toMillis();
    }

    /** How long a send may take with all its retries. */
    public void setDeliveryTimeoutMs(int deliveryTimeoutMs) {
        parameters.set(Parameter.DELIVERY_TIMEOUT_MS, Integer.toString(deliveryTimeoutMs));
    }

    public int getCloseTimeoutMs() {
        return (int) parameters.connectionSettings().closeTimeout().toMillis();
    }

    /** How long close waits for message listeners in progress. */
    public void setCloseTimeoutMs(int closeTimeoutMs) {
        parameters.set(Parameter.CLOSE_TIMEOUT_MS, Integer.toString(closeTimeoutMs));
    }

    public @Nullable String getUserName() {
        return userName;
    }

    public void setUserName(@Nullable String userName) {
        this.userName = userName;
    }

    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    @Override
    public Reference getReference() {
        return AdministeredObjectFactory.reference(this);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MillraceConnectionFactory factory
                && parameters.equals(factory.parameters)
                && Objects.equals(userName, factory.userName)
                && Objects.equals(password, factory.password);
    }

    @Override
    public int hashCode() {
        return Objects.hash(parameters, userName);
    }

    @Override
    public String toString() {
        return parameters.toUri();
    }
}
