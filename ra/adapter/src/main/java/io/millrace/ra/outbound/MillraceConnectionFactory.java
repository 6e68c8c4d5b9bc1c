package io.millrace.ra.outbound;

import io.millrace.jms.MillraceJMSContext;
import io.millrace.ra.configuration.ClusterReference;
import io.millrace.ra.configuration.ClusterSettings;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.resource.Referenceable;
import jakarta.resource.spi.ConnectionManager;
import java.io.Serial;
import java.io.Serializable;
import javax.naming.NamingException;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;

/**
 * The connection factory that an application looks up or has injected. Safe for use by any thread.
 *
 * <p>Its connections cost nothing until they have a session: a session is what the server pools.
 */
public final class MillraceConnectionFactory
        implements ConnectionFactory,
                QueueConnectionFactory,
                TopicConnectionFactory,
                ClusterReference,
                Referenceable,
                Serializable {
    @Serial
    private static final long serialVersionUID = 1;

    private final MillraceManagedConnectionFactory factory;
    private final ConnectionManager connectionManager;
    private @Nullable Reference reference;

    MillraceConnectionFactory(MillraceManagedConnectionFactory factory, ConnectionManager connectionManager) {
        this.factory = factory;
        this.connectionManager = connectionManager;
    }

    @Override
    public ClusterSettings clusterSettings() {
        return factory.clusterSettings();
    }

    @Override
    public Connection createConnection() throws JMSException {
        return open(MillraceConnectionRequestInfo.ANYBODY);
    }

    @Override
    public Connection createConnection(@Nullable String userName, @Nullable String password) throws JMSException {
        return open(new MillraceConnectionRequestInfo(userName, password));
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return open(MillraceConnectionRequestInfo.ANYBODY);
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return open(new MillraceConnectionRequestInfo(userName, password));
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return open(MillraceConnectionRequestInfo.ANYBODY);
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return open(new MillraceConnectionRequestInfo(userName, password));
    }

    private ConnectionHandle open(MillraceConnectionRequestInfo request) {
        return new ConnectionHandle(factory, connectionManager, request);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return MillraceJMSContext.over(open(MillraceConnectionRequestInfo.ANYBODY), sessionMode);
    }

    @Override
    public JMSContext createContext(@Nullable String userName, @Nullable String password) {
        return createContext(userName, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String userName, @Nullable String password, int sessionMode) {
        return MillraceJMSContext.over(open(new MillraceConnectionRequestInfo(userName, password)), sessionMode);
    }

    @Override
    public void setReference(Reference reference) {
        this.reference = reference;
    }

    @Override
    public Reference getReference() throws NamingException {
        if (reference == null) {
            throw new NamingException("the server has given this connection factory no reference to store");
        }
        return reference;
    }
}
