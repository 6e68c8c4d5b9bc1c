package io.millrace.ra.configuration;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * Cluster clients, one for each configuration in use, closed when their last lease ends.
 *
 * <p>Application servers make several resource adapters of one RAR: WildFly makes another for every connection factory
 * or destination that an annotation defines. They would each have connections and event loops of their own.
 *
 * <p>Guarded by this. Closing a client, which waits for its threads, happens outside the lock.
 */
public final class SharedClients {
    // One per class loader of the RAR: there is no other place that all its resource adapters reach.
    private static final SharedClients OF_THIS_RAR = new SharedClients(ClusterClient::open);

    private final Function<ClientConfiguration, ClusterClient> opener;
    private final Map<ClientConfiguration, Shared> shared = new HashMap<>();

    public SharedClients(Function<ClientConfiguration, ClusterClient> opener) {
        this.opener = opener;
    }

    public static SharedClients ofThisRar() {
        return OF_THIS_RAR;
    }

    /** The client of this configuration, opened where it is not in use yet. Opening does no input or output. */
    public synchronized Lease lease(ClientConfiguration configuration) {
        Shared entry = shared.computeIfAbsent(configuration, key -> new Shared(opener.apply(key)));
        entry.leases++;
        return new Lease(configuration, entry);
    }

    /** How many clients are open. */
    public synchronized int size() {
        return shared.size();
    }

    private synchronized boolean giveUp(ClientConfiguration configuration, Shared entry) {
        entry.leases--;
        return entry.leases == 0 && shared.remove(configuration, entry);
    }

    private static final class Shared {
        private final ClusterClient client;
        private int leases;

        Shared(ClusterClient client) {
            this.client = client;
        }
    }

    /** A share in a client. Whoever ends the last one waits until the client's threads have ended. */
    public final class Lease implements AutoCloseable {
        private final ClientConfiguration configuration;
        private final Shared entry;
        private final AtomicBoolean ended = new AtomicBoolean();

        private Lease(ClientConfiguration configuration, Shared entry) {
            this.configuration = configuration;
            this.entry = entry;
        }

        public ClusterClient client() {
            return entry.client;
        }

        /** Idempotent. */
        @Override
        public void close() {
            if (ended.compareAndSet(false, true) && giveUp(configuration, entry)) {
                entry.client.close();
            }
        }
    }
}
