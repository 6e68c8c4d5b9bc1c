package io.millrace.ra.outbound;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.jms.MillraceConnection;
import io.millrace.jms.MillraceSession;
import io.millrace.ra.PhysicalConnections;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.IllegalStateException;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import jakarta.resource.spi.ResourceAllocationException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * A pooled connection: one connection of Jakarta Messaging with at most one session for each mode, made when it is first
 * used and kept from one application to the next.
 *
 * <pre>
 *   idle ──getConnection──▶ in use (handles) ──last handle closed, cleanup──▶ idle ──destroy──▶ gone
 *                              │ begin ▲ commit, rollback                       a failure: broken, only destroy is left
 *                              ▼       │
 *                           in a transaction of the server: so are all sessions
 * </pre>
 *
 * <p>Used by one thread at a time, as the server grants it; listeners and the mark of a failure may come from any.
 */
final class MillraceManagedConnection implements ManagedConnection {
    private static final System.Logger LOGGER = System.getLogger(MillraceManagedConnection.class.getName());

    private final MillraceManagedConnectionFactory factory;
    private final PhysicalConnections connections;
    private final MillraceConnectionRequestInfo credentials;
    private final MillraceConnection physical;
    private final Map<Integer, MillraceSession> sessions = new HashMap<>();
    private final Map<Session, MessageProducer> producers = new HashMap<>();
    private final List<SessionHandle> handles = new ArrayList<>();
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private boolean inTransaction;
    private boolean destroyed;
    private volatile boolean broken;
    private @Nullable PrintWriter logWriter;

    MillraceManagedConnection(
            MillraceManagedConnectionFactory factory,
            PhysicalConnections connections,
            MillraceConnectionRequestInfo credentials)
            throws ResourceException {
        this.factory = factory;
        this.connections = connections;
        this.credentials = credentials;
        try {
            this.physical = connections.open();
            physical.setExceptionListener(this::onFailure);
        } catch (JMSException e) {
            connections.onDestroyed();
            throw new ResourceAllocationException("no connection can be made: " + e.getMessage(), e);
        }
    }

    boolean serves(MillraceManagedConnectionFactory wantedFactory, MillraceConnectionRequestInfo wanted) {
        return !broken && !destroyed && factory.equals(wantedFactory) && credentials.equals(wanted);
    }

    boolean isBroken() {
        return broken;
    }

    @Override
    public Object getConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo request)
            throws ResourceException {
        if (destroyed || broken) {
            throw new IllegalStateException(
                    "the connection is " + (destroyed ? "destroyed" : "broken") + "; take another one from the pool");
        }
        SessionHandle handle = new SessionHandle(this);
        handles.add(handle);
        return handle;
    }

    @Override
    public void associateConnection(Object connection) throws ResourceException {
        if (!(connection instanceof SessionHandle handle)) {
            throw new NotSupportedException("the connection handle is a "
                    + connection.getClass().getName() + "; it must be a " + SessionHandle.class.getName());
        }
        handle.moveTo(this);
        handles.add(handle);
    }

    void forget(SessionHandle handle) {
        handles.remove(handle);
    }

    /** The application has closed the handle. */
    void onClosed(SessionHandle handle) {
        if (handles.remove(handle)) {
            notifyListeners(ConnectionEvent.CONNECTION_CLOSED, handle, null);
        }
    }

    /** The session for handles of this mode; part of the server's transaction while there is one. */
    MillraceSession session(int mode) throws JMSException {
        MillraceSession session = sessions.get(mode);
        if (session == null) {
            session = physical.createSession(mode);
            sessions.put(mode, session);
            if (inTransaction) {
                session.beginTransaction();
            }
        }
        return session;
    }

    /** A producer of the session that sends to any destination. */
    MessageProducer producerOf(Session session) throws JMSException {
        MessageProducer producer = producers.get(session);
        if (producer == null) {
            producer = session.createProducer(null);
            producers.put(session, producer);
        }
        return producer;
    }

    MillraceConnection physical() {
        return physical;
    }

    boolean isInTransaction() {
        return inTransaction;
    }

    void beginTransaction() throws ResourceException {
        if (inTransaction) {
            throw new IllegalStateException("a local transaction has begun already; end it first");
        }
        inTransaction = true;
        try {
            for (MillraceSession session : sessions.values()) {
                session.beginTransaction();
            }
        } catch (JMSException e) {
            throw new LocalTransactionException("the transaction could not begin: " + e.getMessage(), e);
        }
    }

    /** Commits the sessions one after the other; there is one, unless the application uses several modes in one transaction. */
    void commitTransaction() throws ResourceException {
        requireTransaction("commit");
        inTransaction = false;
        JMSException failure = null;
        for (MillraceSession session : sessions.values()) {
            try {
                if (failure == null) {
                    session.commitTransaction();
                } else {
                    session.rollbackTransaction();
                }
            } catch (JMSException e) {
                failure = failure == null ? e : failure;
            }
        }
        throwIfFailed("commit", failure);
    }

    void rollbackTransaction() throws ResourceException {
        requireTransaction("rollback");
        inTransaction = false;
        JMSException failure = null;
        for (MillraceSession session : sessions.values()) {
            try {
                session.rollbackTransaction();
            } catch (JMSException e) {
                failure = e;
            }
        }
        throwIfFailed("rollback", failure);
    }

    private static void throwIfFailed(String operation, @Nullable JMSException failure) throws ResourceException {
        if (failure != null) {
            throw new LocalTransactionException("the " + operation + " failed: " + failure.getMessage(), failure);
        }
    }

    private void requireTransaction(String operation) throws ResourceException {
        if (!inTransaction) {
            throw new IllegalStateException(operation + " without a local transaction; begin one first");
        }
    }

    /** Tells the server of a transaction that the application demarcates itself. */
    void onApplicationTransaction(int event, SessionHandle handle) {
        notifyListeners(event, handle, null);
    }

    @Override
    public void cleanup() throws ResourceException {
        for (SessionHandle handle : List.copyOf(handles)) {
            handle.invalidate();
        }
        handles.clear();
        try {
            if (inTransaction) {
                rollbackTransaction();
            }
            for (MillraceSession session : sessions.values()) {
                giveBack(session);
            }
            physical.stop();
            physical.deleteTemporaryDestinations();
        } catch (JMSException e) {
            broken = true;
            throw new ResourceException("the connection could not be cleaned up: " + e.getMessage(), e);
        }
    }

    /** What an application has received and not settled goes back; what it has sent and not committed is forgotten. */
    private static void giveBack(MillraceSession session) throws JMSException {
        if (session.getTransacted()) {
            session.rollback();
        } else {
            session.recover();
        }
    }

    /** Idempotent; may come after the resource adapter was stopped, which has closed everything already. */
    @Override
    public void destroy() {
        if (destroyed) {
            return;
        }
        destroyed = true;
        List.copyOf(handles).forEach(SessionHandle::invalidate);
        handles.clear();
        try {
            physical.close();
        } catch (JMSException e) {
            LOGGER.log(DEBUG, () -> "A connection could not be closed in order", e);
        } finally {
            connections.onDestroyed();
        }
    }

    private void onFailure(JMSException failure) {
        broken = true;
        notifyListeners(ConnectionEvent.CONNECTION_ERROR_OCCURRED, null, failure);
    }

    private void notifyListeners(int id, @Nullable SessionHandle handle, @Nullable Exception failure) {
        ConnectionEvent event = new ConnectionEvent(this, id, failure);
        event.setConnectionHandle(handle);
        for (ConnectionEventListener listener : listeners) {
            switch (id) {
                case ConnectionEvent.CONNECTION_CLOSED -> listener.connectionClosed(event);
                case ConnectionEvent.CONNECTION_ERROR_OCCURRED -> listener.connectionErrorOccurred(event);
                case ConnectionEvent.LOCAL_TRANSACTION_STARTED -> listener.localTransactionStarted(event);
                case ConnectionEvent.LOCAL_TRANSACTION_COMMITTED -> listener.localTransactionCommitted(event);
                case ConnectionEvent.LOCAL_TRANSACTION_ROLLEDBACK -> listener.localTransactionRolledback(event);
                default -> throw new java.lang.IllegalStateException("there is no connection event " + id);
            }
        }
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    @Override
    public XAResource getXAResource() throws ResourceException {
        throw new NotSupportedException("distributed transactions are not supported yet; declare LocalTransaction");
    }

    @Override
    public LocalTransaction getLocalTransaction() {
        return new ManagedTransaction(this);
    }

    @Override
    public ManagedConnectionMetaData getMetaData() throws ResourceException {
        if (destroyed) {
            throw new IllegalStateException("the connection is destroyed; take another one from the pool");
        }
        return new ConnectionDescription(credentials.userName() == null ? "" : credentials.userName());
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter logWriter) {
        this.logWriter = logWriter;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** What the server may show of a connection. */
    private record ConnectionDescription(String userName) implements ManagedConnectionMetaData {
        @Override
        public String getEISProductName() {
            return "Millrace";
        }

        @Override
        public String getEISProductVersion() {
            String version = MillraceManagedConnection.class.getPackage().getImplementationVersion();
            return version == null ? "0.1" : version;
        }

        /** 0: no limit is known. */
        @Override
        public int getMaxConnections() {
            return 0;
        }

        @Override
        public String getUserName() {
            return userName;
        }
    }
}
