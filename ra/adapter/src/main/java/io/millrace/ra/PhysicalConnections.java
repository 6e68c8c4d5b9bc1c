package io.millrace.ra;

import io.millrace.jms.ConnectionSettings;
import io.millrace.jms.ConnectionSource;
import io.millrace.jms.MillraceConnection;
import io.millrace.ra.configuration.ClusterSettings;
import io.millrace.ra.configuration.SharedClients;
import jakarta.jms.JMSException;
import jakarta.resource.ResourceException;

/**
 * Makes the Jakarta Messaging connections under managed connections; all that one of these makes share a client, and
 * their sends share batches.
 */
public final class PhysicalConnections {
    private final SharedClients.Lease lease;
    private final ConnectionSource source;
    private final boolean alone;

    private PhysicalConnections(SharedClients.Lease lease, ConnectionSettings settings, boolean alone) {
        this.lease = lease;
        this.source = new ConnectionSource(lease.client(), settings);
        this.alone = alone;
    }

    /** For many managed connections, until the resource adapter ends them. */
    static PhysicalConnections shared(SharedClients.Lease lease, ConnectionSettings settings) {
        return new PhysicalConnections(lease, settings, false);
    }

    /** For one managed connection without a resource adapter. */
    public static PhysicalConnections alone(ClusterSettings settings) throws ResourceException {
        try {
            ConnectionSettings connectionSettings = settings.connectionSettings();
            return new PhysicalConnections(
                    SharedClients.ofThisRar().lease(settings.clientConfiguration()), connectionSettings, true);
        } catch (IllegalArgumentException e) {
            throw new ResourceException(e.getMessage(), e);
        }
    }

    public MillraceConnection open() throws JMSException {
        return source.connect();
    }

    /** A managed connection needs them no more. */
    public void onDestroyed() {
        if (alone) {
            end();
        }
    }

    /** Ends the sends under way, bounded, and gives up the client. */
    void end() {
        source.close();
        lease.close();
    }
}
