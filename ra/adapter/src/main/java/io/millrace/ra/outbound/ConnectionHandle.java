package io.millrace.ra.outbound;

import io.millrace.jms.MillraceConnectionMetaData;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An application's connection: the sessions it has, each of which is a managed connection of the server's pool.
 *
 * <p>Guarded by this.
 */
final class ConnectionHandle implements QueueConnection, TopicConnection {
    private final MillraceManagedConnectionFactory factory;
    private final ConnectionManager connectionManager;
    private final MillraceConnectionRequestInfo request;
    private final List<SessionHandle> sessions = new ArrayList<>();
    private boolean started;
    private boolean closed;

    ConnectionHandle(
            MillraceManagedConnectionFactory factory,
            ConnectionManager connectionManager,
            MillraceConnectionRequestInfo request) {
        this.factory = factory;
        this.connectionManager = connectionManager;
        this.request = request;
    }

    @Override
    public SessionHandle createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(transacted ? Session.SESSION_TRANSACTED : acknowledgeMode);
    }

    @Override
    public synchronized SessionHandle createSession(int sessionMode) throws JMSException {
        requireOpen();
        if (sessionMode < Session.SESSION_TRANSACTED || sessionMode > Session.DUPS_OK_ACKNOWLEDGE) {
            throw new JMSException("The session mode is " + sessionMode
                    + "; it must be AUTO_ACKNOWLEDGE (1), CLIENT_ACKNOWLEDGE (2), DUPS_OK_ACKNOWLEDGE (3) or"
                    + " SESSION_TRANSACTED (0)");
        }
        SessionHandle session = allocate();
        session.open(this, sessionMode);
        sessions.add(session);
        if (started) {
            session.start();
        }
        return session;
    }

    private SessionHandle allocate() throws JMSException {
        try {
            return (SessionHandle) connectionManager.allocateConnection(factory, request);
        } catch (ResourceException e) {
            throw JmsFailures.of("The server gave no connection", e);
        }
    }

    @Override
    public Session createSession() throws JMSException {
        return createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(transacted, acknowledgeMode);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(transacted, acknowledgeMode);
    }

    synchronized void onClosed(SessionHandle session) {
        sessions.remove(session);
    }

    @Override
    public @Nullable String getClientID() throws JMSException {
        requireOpen();
        return null;
    }

    @Override
    public void setClientID(String clientId) throws JMSException {
        throw JmsFailures.forbidden("setClientID");
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        requireOpen();
        return new MillraceConnectionMetaData();
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        requireOpen();
        return null;
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) throws JMSException {
        throw JmsFailures.forbidden("setExceptionListener");
    }

    @Override
    public synchronized void start() throws JMSException {
        requireOpen();
        started = true;
        for (SessionHandle session : sessions) {
            session.start();
        }
    }

    @Override
    public void stop() throws JMSException {
        throw JmsFailures.forbidden("stop");
    }

    /** Idempotent; closes the sessions, which go back to the pool. */
    @Override
    public void close() throws JMSException {
        List<SessionHandle> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(sessions);
        }
        for (SessionHandle session : open) {
            session.close();
        }
    }

    private void requireOpen() throws JMSException {
        if (closed) {
            throw JmsFailures.closed("The connection");
        }
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw JmsFailures.forbidden("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw JmsFailures.forbidden("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw JmsFailures.forbidden("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String subscription, String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw JmsFailures.forbidden("createSharedConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String subscription, String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw JmsFailures.forbidden("createDurableConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String subscription, String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw JmsFailures.forbidden("createSharedDurableConnectionConsumer");
    }
}
