package io.millrace.jms;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The links in use, one per configuration: connection factories are made anew at every look-up, their connections to
 * brokers must not be.
 *
 * <p>Guarded by this. A link closes with its last lease.
 */
final class SharedLinks {
    /** Of this class loader, hence of one application or one resource adapter. */
    static final SharedLinks OF_CLASS_LOADER = new SharedLinks(ClusterClient::open);

    private final Function<ClientConfiguration, ClusterClient> opening;
    private final Map<ClientConfiguration, Shared> links = new HashMap<>();

    private static final class Shared {
        private final ClusterClient client;
        private final ClusterLink link;
        private int leases;

        Shared(ClusterClient client) {
            this.client = client;
            this.link = new ClusterLink(client);
        }
    }

    /** A use of a link; to be returned once. */
    record Lease(ClusterLink link, Runnable giveBack) {}

    SharedLinks(Function<ClientConfiguration, ClusterClient> opening) {
        this.opening = opening;
    }

    synchronized Lease lease(ClientConfiguration configuration) {
        Shared shared = links.computeIfAbsent(configuration, wanted -> new Shared(opening.apply(wanted)));
        shared.leases++;
        AtomicBoolean givenBack = new AtomicBoolean();
        return new Lease(shared.link, () -> {
            if (givenBack.compareAndSet(false, true)) {
                giveBack(configuration);
            }
        });
    }

    private void giveBack(ClientConfiguration configuration) {
        Shared ending;
        synchronized (this) {
            Shared shared = links.get(configuration);
            if (shared == null || --shared.leases > 0) {
                return;
            }
            links.remove(configuration);
            ending = shared;
        }
        ending.link.close();
        ending.client.close();
    }
}
