package io.millrace.cdi;

import io.millrace.client.InMemoryCluster;
import io.millrace.client.InMemoryClusterClient;
import io.millrace.jms.ConnectionSettings;
import io.millrace.jms.MillraceConnection;
import io.millrace.jms.MillraceJMSContext;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;

/** What a container binds: contexts over a cluster in memory. */
final class TestConnectionFactory implements ConnectionFactory, AutoCloseable {
    final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryClusterClient client = cluster.newClient();

    @Override
    public Connection createConnection() throws JMSException {
        return MillraceConnection.open(client, ConnectionSettings.defaults());
    }

    @Override
    public Connection createConnection(String user, String password) throws JMSException {
        return createConnection();
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(String user, String password) {
        return createContext();
    }

    @Override
    public JMSContext createContext(String user, String password, int sessionMode) {
        return createContext(sessionMode);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        try {
            return MillraceJMSContext.over(createConnection(), sessionMode);
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
