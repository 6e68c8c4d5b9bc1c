package io.millrace.jms;

import io.millrace.client.ClusterClient;
import jakarta.jms.JMSException;
import java.time.InstantSource;

/**
 * Makes connections over a client that the caller has opened; their sends share batches. For resource adapters, whose
 * server pools connections.
 *
 * <p>Safe for use by any thread. To be closed after its connections and before the client.
 */
public final class ConnectionSource implements AutoCloseable {
    private final ClusterLink link;
    private final ConnectionSettings settings;

    public ConnectionSource(ClusterClient client, ConnectionSettings settings) {
        this.link = new ClusterLink(client);
        this.settings = settings;
    }

    /** Asks nothing of the cluster: that waits until the connection is used. */
    public MillraceConnection connect() throws JMSException {
        return new MillraceConnection(link, settings, MessagingDomain.BOTH, InstantSource.system(), () -> {});
    }

    /** Ends the sends under way, bounded. */
    @Override
    public void close() {
        link.close();
    }
}
