package io.millrace.ra.outbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.LocalTransaction;

/**
 * The local transaction of a managed connection as the server demarcates it: what is sent in it leaves at the commit,
 * what was received in it is acknowledged then.
 */
record ManagedTransaction(MillraceManagedConnection connection) implements LocalTransaction {

    @Override
    public void begin() throws ResourceException {
        connection.beginTransaction();
    }

    @Override
    public void commit() throws ResourceException {
        connection.commitTransaction();
    }

    @Override
    public void rollback() throws ResourceException {
        connection.rollbackTransaction();
    }
}
