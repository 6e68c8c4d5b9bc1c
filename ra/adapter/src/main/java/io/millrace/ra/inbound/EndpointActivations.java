package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.DestinationKind;
import io.millrace.ra.configuration.ClusterSettings;
import io.millrace.ra.configuration.SharedClients;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The activations of one resource adapter, by the identity of endpoint factory and specification: names of activations
 * are not unique on every server.
 *
 * <p>Guarded by this; waiting for an activation to end happens outside the lock.
 */
public final class EndpointActivations {
    private static final System.Logger LOGGER = System.getLogger(EndpointActivations.class.getName());

    private final SharedClients clients;
    private final @Nullable TransactionSynchronizationRegistry transactions;
    private final InstantSource clock;
    private final Map<Key, EndpointActivation> activations = new HashMap<>();
    private boolean stopped;

    EndpointActivations(
            SharedClients clients, @Nullable TransactionSynchronizationRegistry transactions, InstantSource clock) {
        this.clients = clients;
        this.transactions = transactions;
        this.clock = clock;
    }

    /** @param transactions null where the server has none */
    public static EndpointActivations create(
            SharedClients clients, @Nullable TransactionSynchronizationRegistry transactions) {
        return new EndpointActivations(clients, transactions, InstantSource.system());
    }

    /**
     * Begins delivery. Resolves the names in the specification on the calling thread, does nothing else that waits.
     *
     * @param defaults the adapter's cluster
     */
    public void activate(MessageEndpointFactory factory, ActivationSpec spec, ClusterSettings defaults)
            throws ResourceException {
        if (!(spec instanceof MillraceActivationSpec activationSpec)) {
            throw new NotSupportedException("the activation specification is a "
                    + spec.getClass().getName() + "; it must be a " + MillraceActivationSpec.class.getName());
        }
        activationSpec.validate();
        DestinationLookup lookup = new DestinationLookup(activationSpec);
        DeliveryPlan plan = lookup.plan();
        ClusterSettings settings = lookup.cluster().orElse(defaults);
        ClientConfiguration cluster = configuration(settings, activationSpec.getClientId());
        warnOfUnseenRollbacks(factory);
        tellOfUnheededPrefetch(factory, plan);
        begin(
                new Key(factory, activationSpec),
                plan,
                cluster,
                new EndpointFacilities(factory, transactions, decoder(settings), clock));
    }

    private static ClientConfiguration configuration(ClusterSettings settings, @Nullable String clientId)
            throws ResourceException {
        try {
            ClientConfiguration configuration = settings.clientConfiguration();
            return clientId == null || clientId.isBlank() ? configuration : configuration.withClientId(clientId.trim());
        } catch (IllegalArgumentException e) {
            throw new ResourceException(e.getMessage(), e);
        }
    }

    private static MessageDecoder decoder(ClusterSettings settings) throws ResourceException {
        try {
            return new JmsMessageDecoder(settings.allowedObjects());
        } catch (IllegalArgumentException e) {
            throw new ResourceException(e.getMessage(), e);
        }
    }

    private void warnOfUnseenRollbacks(MessageEndpointFactory factory) {
        if (transactions != null) {
            return;
        }
        try {
            if (factory.isDeliveryTransacted(EndpointDelivery.ON_MESSAGE)) {
                LOGGER.log(
                        WARNING,
                        () -> nameOf(factory) + " is transacted, but the server offers no"
                                + " TransactionSynchronizationRegistry: a message comes back when the bean throws, not"
                                + " when it only marks its transaction for rollback");
            }
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("jakarta.jms.MessageListener has no onMessage(Message)", e);
        }
    }

    /** The default says nothing: servers set it from the descriptor where the bean gives no value. */
    private static void tellOfUnheededPrefetch(MessageEndpointFactory factory, DeliveryPlan plan) {
        if (plan.kind() == DestinationKind.TOPIC && plan.prefetch() != MillraceActivationSpec.DEFAULT_PREFETCH) {
            LOGGER.log(
                    INFO,
                    () -> nameOf(factory) + ": activation property prefetch is '" + plan.prefetch()
                            + "', which does nothing for " + plan.destinationText()
                            + ": it is for queues; leave it out");
        }
    }

    private synchronized void begin(
            Key key, DeliveryPlan plan, ClientConfiguration cluster, EndpointFacilities facilities)
            throws ResourceException {
        if (stopped) {
            throw new ResourceException("the resource adapter has been stopped; start it before beans are deployed");
        }
        if (activations.containsKey(key)) {
            throw new ResourceException(nameOf(key.factory) + " is active already with this activation specification");
        }
        EndpointActivation activation =
                new EndpointActivation(nameOf(key.factory), plan, clients.lease(cluster), facilities, new StopSignal());
        activations.put(key, activation);
        activation.start();
    }

    /** The bean's class tells a reader more than the server's name for the activation does. */
    private static String nameOf(MessageEndpointFactory factory) {
        Class<?> endpointClass = factory.getEndpointClass();
        return endpointClass != null ? endpointClass.getSimpleName() : String.valueOf(factory.getActivationName());
    }

    /** Ends a delivery, and waits, bounded, until it has ended. Does nothing for an endpoint that is not active. */
    public void deactivate(MessageEndpointFactory factory, ActivationSpec spec) {
        EndpointActivation activation;
        synchronized (this) {
            activation = activations.remove(new Key(factory, spec));
        }
        if (activation != null) {
            activation.stop();
            activation.awaitStopped();
        }
    }

    /** Ends all deliveries at once, and waits, bounded, until they have ended. */
    public void stop() {
        List<EndpointActivation> ending;
        synchronized (this) {
            stopped = true;
            ending = new ArrayList<>(activations.values());
            activations.clear();
        }
        ending.forEach(EndpointActivation::stop);
        ending.forEach(EndpointActivation::awaitStopped);
    }

    /** Equal where both are the same objects. */
    private record Key(MessageEndpointFactory factory, ActivationSpec spec) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.factory == factory && key.spec == spec;
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(factory) + System.identityHashCode(spec);
        }
    }
}
