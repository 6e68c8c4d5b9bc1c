package io.millrace.ra.outbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a server's connection manager does: pools, matches, and enlists connections while a transaction is under way. */
final class FakePool implements ConnectionManager, ConnectionEventListener {
    final Set<ManagedConnection> idle = new HashSet<>();
    final List<ManagedConnection> made = new ArrayList<>();
    final List<Integer> events = new ArrayList<>();
    private final Set<ManagedConnection> enlisted = new HashSet<>();
    private boolean inTransaction;

    @Override
    public Object allocateConnection(ManagedConnectionFactory factory, ConnectionRequestInfo request)
            throws ResourceException {
        ManagedConnection connection = inTransaction && !enlisted.isEmpty()
                ? enlisted.iterator().next()
                : factory.matchManagedConnections(idle, null, request);
        if (connection == null) {
            connection = factory.createManagedConnection(null, request);
            connection.addConnectionEventListener(this);
            made.add(connection);
        }
        idle.remove(connection);
        if (inTransaction && enlisted.add(connection)) {
            connection.getLocalTransaction().begin();
        }
        return connection.getConnection(null, request);
    }

    void begin() {
        inTransaction = true;
    }

    void commit() throws ResourceException {
        end(true);
    }

    void rollback() throws ResourceException {
        end(false);
    }

    private void end(boolean commit) throws ResourceException {
        inTransaction = false;
        for (ManagedConnection connection : List.copyOf(enlisted)) {
            enlisted.remove(connection);
            LocalTransaction transaction = connection.getLocalTransaction();
            if (commit) {
                transaction.commit();
            } else {
                transaction.rollback();
            }
            giveBack(connection);
        }
    }

    private void giveBack(ManagedConnection connection) throws ResourceException {
        connection.cleanup();
        idle.add(connection);
    }

    @Override
    public void connectionClosed(ConnectionEvent event) {
        events.add(event.getId());
        ManagedConnection connection = (ManagedConnection) event.getSource();
        if (enlisted.contains(connection)) {
            return;
        }
        try {
            giveBack(connection);
        } catch (ResourceException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void localTransactionStarted(ConnectionEvent event) {
        events.add(event.getId());
    }

    @Override
    public void localTransactionCommitted(ConnectionEvent event) {
        events.add(event.getId());
    }

    @Override
    public void localTransactionRolledback(ConnectionEvent event) {
        events.add(event.getId());
    }

    @Override
    public void connectionErrorOccurred(ConnectionEvent event) {
        events.add(event.getId());
        idle.remove(event.getSource());
    }
}
