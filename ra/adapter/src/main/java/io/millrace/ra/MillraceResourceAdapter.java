package io.millrace.ra;

import static java.lang.System.Logger.Level.INFO;

import io.millrace.client.ClientConfiguration;
import io.millrace.jms.ConnectionSettings;
import io.millrace.ra.configuration.ClusterReference;
import io.millrace.ra.configuration.ClusterSettings;
import io.millrace.ra.configuration.SharedClients;
import io.millrace.ra.inbound.EndpointActivations;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.io.Serial;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * The resource adapter: one cluster, the endpoints that its messages go to, and the client that its connections share.
 *
 * <p>Servers make several of them for one RAR, and make connection factories before they start one. So starting does no
 * input or output, and a client is opened when it is first needed. Stopping waits, bounded, until deliveries have
 * finished and every thread has ended: a server closes the class loader afterwards.
 *
 * <p>Equal where the configuration is. The configuration is set before {@link #start}; the state is guarded by this.
 */
public final class MillraceResourceAdapter implements ResourceAdapter, ClusterReference, Serializable {
    private static final System.Logger LOGGER = System.getLogger(MillraceResourceAdapter.class.getName());

    @Serial
    private static final long serialVersionUID = 1;

    private String bootstrapServers = ClusterSettings.DEFAULT_BOOTSTRAP_SERVERS;
    private String clientId = ClusterSettings.DEFAULT_CLIENT_ID;
    private Integer requestTimeoutMs = ClusterSettings.DEFAULT_REQUEST_TIMEOUT_MS;
    private Integer deliveryTimeoutMs = ClusterSettings.DEFAULT_DELIVERY_TIMEOUT_MS;
    private String objectAllowList = ClusterSettings.DEFAULT_OBJECT_ALLOW_LIST;

    private transient SharedClients clients = SharedClients.ofThisRar();
    private transient @Nullable EndpointActivations activations;
    private transient Map<Sharing, PhysicalConnections> connections = new HashMap<>();
    private transient boolean stopped;

    public MillraceResourceAdapter() {}

    MillraceResourceAdapter(SharedClients clients) {
        this.clients = clients;
    }

    public String getBootstrapServers() {
        return bootstrapServers;
    }

    /** {@code host:port} of some brokers, separated by commas; may hold {@code ${property:default}}. */
    public void setBootstrapServers(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    public String getClientId() {
        return clientId;
    }

    /** Named in requests and in the brokers' logs. */
    public void setClientId(String clientId) {
        this.clientId = clientId;
    }

    public Integer getRequestTimeoutMs() {
        return requestTimeoutMs;
    }

    /** How long one request may take. */
    public void setRequestTimeoutMs(Integer requestTimeoutMs) {
        this.requestTimeoutMs = requestTimeoutMs;
    }

    public Integer getDeliveryTimeoutMs() {
        return deliveryTimeoutMs;
    }

    /** How long a send may take with all its retries. */
    public void setDeliveryTimeoutMs(Integer deliveryTimeoutMs) {
        this.deliveryTimeoutMs = deliveryTimeoutMs;
    }

    public String getObjectAllowList() {
        return objectAllowList;
    }

    /** The classes whose objects may be read from ObjectMessages: {@code com.acme.Order,com.acme.orders.*}. */
    public void setObjectAllowList(String objectAllowList) {
        this.objectAllowList = objectAllowList;
    }

    @Override
    public ClusterSettings clusterSettings() {
        return new ClusterSettings(bootstrapServers, clientId, requestTimeoutMs, deliveryTimeoutMs, objectAllowList);
    }

    @Override
    public synchronized void start(BootstrapContext context) throws ResourceAdapterInternalException {
        try {
            clusterSettings().clientConfiguration();
            clusterSettings().connectionSettings();
        } catch (IllegalArgumentException e) {
            throw new ResourceAdapterInternalException(e.getMessage(), e);
        }
        stopped = false;
        activations = EndpointActivations.create(clients, context.getTransactionSynchronizationRegistry());
        LOGGER.log(INFO, () -> "The resource adapter of " + bootstrapServers + " has started");
    }

    @Override
    public void stop() {
        EndpointActivations ending;
        List<PhysicalConnections> open;
        synchronized (this) {
            stopped = true;
            ending = activations;
            open = List.copyOf(connections.values());
            activations = null;
            connections.clear();
        }
        if (ending != null) {
            ending.stop();
        }
        open.forEach(PhysicalConnections::end);
        LOGGER.log(INFO, () -> "The resource adapter of " + bootstrapServers + " has stopped");
    }

    @Override
    public void endpointActivation(MessageEndpointFactory factory, ActivationSpec spec) throws ResourceException {
        EndpointActivations active;
        synchronized (this) {
            active = activations;
        }
        if (active == null) {
            throw new ResourceException("the resource adapter is not started; start it before beans are deployed");
        }
        active.activate(factory, spec, clusterSettings());
    }

    @Override
    public void endpointDeactivation(MessageEndpointFactory factory, ActivationSpec spec) {
        EndpointActivations active;
        synchronized (this) {
            active = activations;
        }
        if (active != null) {
            active.deactivate(factory, spec);
        }
    }

    /** There is nothing to recover as long as no transaction is distributed: null, as the specification has it. */
    @Override
    public XAResource @Nullable [] getXAResources(ActivationSpec[] specs) {
        return null;
    }

    /**
     * Where the connections of a connection factory come from; the client under them is opened where it is not yet.
     *
     * @throws ResourceException where the adapter has been stopped, or the settings are wrong
     */
    public synchronized PhysicalConnections physicalConnections(ClusterSettings settings) throws ResourceException {
        if (stopped) {
            throw new ResourceException(
                    "the resource adapter has been stopped; its connections cannot be used any more");
        }
        Sharing sharing;
        try {
            sharing = new Sharing(settings.clientConfiguration(), settings.connectionSettings());
        } catch (IllegalArgumentException e) {
            throw new ResourceException(e.getMessage(), e);
        }
        PhysicalConnections existing = connections.get(sharing);
        if (existing != null) {
            return existing;
        }
        PhysicalConnections made = PhysicalConnections.shared(clients.lease(sharing.client), sharing.connections);
        connections.put(sharing, made);
        return made;
    }

    @Serial
    private Object readResolve() {
        MillraceResourceAdapter read = new MillraceResourceAdapter();
        read.bootstrapServers = bootstrapServers;
        read.clientId = clientId;
        read.requestTimeoutMs = requestTimeoutMs;
        read.deliveryTimeoutMs = deliveryTimeoutMs;
        read.objectAllowList = objectAllowList;
        return read;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MillraceResourceAdapter adapter
                && clusterSettings().equals(adapter.clusterSettings());
    }

    @Override
    public int hashCode() {
        return Objects.hash(bootstrapServers, clientId, requestTimeoutMs, deliveryTimeoutMs, objectAllowList);
    }

    /** What connections that share a producer have in common. */
    private record Sharing(ClientConfiguration client, ConnectionSettings connections) {}
}
