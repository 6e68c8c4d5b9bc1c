package io.millrace.ra;

import io.millrace.client.ClusterClient;
import io.millrace.jms.ConnectionSettings;
import io.millrace.jms.MillraceConnection;
import io.millrace.ra.configuration.ClusterSettings;
import io.millrace.ra.configuration.SharedClients;
import jakarta.jms.JMSException;
import jakarta.resource.ResourceException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the Jakarta Messaging connections under managed connections; all that one of these makes share a client, and
 * their sends share batches.
 */
public final class PhysicalConnections implements AutoCloseable {
    private final ClusterClient client;
    private final SharedClients.@Nullable Lease ownLease;

    private PhysicalConnections(ClusterClient client, SharedClients.@Nullable Lease ownLease) {
        this.client = client;
        this.ownLease = ownLease;
    }

    /** On a client that somebody else gives up. */
    static PhysicalConnections on(SharedClients.Lease lease) {
        return new PhysicalConnections(lease.client(), null);
    }

    /** On a client of their own, for use without a resource adapter. */
    public static PhysicalConnections alone(ClusterSettings settings) throws ResourceException {
        try {
            SharedClients.Lease lease = SharedClients.ofThisRar().lease(settings.clientConfiguration());
            return new PhysicalConnections(lease.client(), lease);
        } catch (IllegalArgumentException e) {
            throw new ResourceException(e.getMessage(), e);
        }
    }

    public MillraceConnection open() throws JMSException {
        return MillraceConnection.open(client, ConnectionSettings.defaults());
    }

    /** Gives up the client where it is their own. */
    @Override
    public void close() {
        if (ownLease != null) {
            ownLease.close();
        }
    }
}
