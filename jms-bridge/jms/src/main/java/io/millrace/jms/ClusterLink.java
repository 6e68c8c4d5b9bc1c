package io.millrace.jms;

import io.millrace.client.Admin;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.Producer;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerConfiguration.Acks;
import io.millrace.client.ProducerRecord;
import io.millrace.client.RecordMetadata;
import io.millrace.client.TemporaryName;
import io.millrace.client.TopicPartition;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What connections use of one cluster: its client, one producer per durability, and the destinations they know.
 *
 * <p>Safe for use by any thread. Connections with equal configuration share one, so that their sends share batches.
 */
final class ClusterLink {
    /** How many destinations are remembered; the one that was not used for longest is forgotten first. */
    private static final int DESTINATIONS_MAX = 10_000;
    /** Beyond the client's own bounds, so that its error, which says more, comes first. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final ClusterClient client;
    private final Map<MillraceDestination, DestinationDescription> destinations = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<MillraceDestination, DestinationDescription> eldest) {
            return size() > DESTINATIONS_MAX;
        }
    };
    private final Set<String> clientIds = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sessionNumbers = new AtomicInteger();
    private @Nullable Producer persistent;
    private @Nullable Producer nonPersistent;
    private boolean closed;

    ClusterLink(ClusterClient client) {
        this.client = client;
    }

    ClusterClient client() {
        return client;
    }

    /** Spreads sessions over partitions: the partition a session keeps is this modulo their count. */
    int nextSessionNumber() {
        return sessionNumbers.getAndIncrement() & Integer.MAX_VALUE;
    }

    /** @return whether no other connection has the client id now; it is unique among the connections of this link */
    boolean claimClientId(String clientId) {
        return clientIds.add(clientId);
    }

    void releaseClientId(String clientId) {
        clientIds.remove(clientId);
    }

    /** Sends a record; it is acknowledged by all in-sync replicas or, not persistent, by the leader. */
    CompletableFuture<RecordMetadata> send(ProducerRecord record, boolean isPersistent) throws JMSException {
        if (TemporaryName.isTemporary(record.topic())) {
            var partition = new TopicPartition(record.topic(), 0);
            return client.sendTemporary(record).thenApply(sent -> new RecordMetadata(partition, -1, -1));
        }
        return producer(isPersistent).send(record);
    }

    private synchronized Producer producer(boolean isPersistent) throws JMSException {
        if (closed) {
            throw new jakarta.jms.IllegalStateException("The connection is closed");
        }
        if (isPersistent) {
            if (persistent == null) {
                persistent = client.newProducer(ProducerConfiguration.defaults().withAcks(Acks.ALL));
            }
            return persistent;
        }
        if (nonPersistent == null) {
            nonPersistent = client.newProducer(ProducerConfiguration.defaults().withAcks(Acks.LEADER));
        }
        return nonPersistent;
    }

    /** How long a send may take with all its retries. */
    Duration sendTimeout() {
        return client.configuration().deliveryTimeout().plus(GRACE);
    }

    /** How long other requests may take. */
    Duration requestTimeout() {
        return client.configuration().requestTimeout().plus(GRACE);
    }

    /** The destination as the cluster knows it; known ones are remembered. */
    DestinationDescription require(MillraceDestination destination, boolean create) throws JMSException {
        synchronized (destinations) {
            DestinationDescription known = destinations.get(destination);
            if (known != null) {
                return known;
            }
        }
        return requireNow(destination, create);
    }

    /** {@link #require} as the cluster knows it now. */
    DestinationDescription requireNow(MillraceDestination destination, boolean create) throws JMSException {
        if (destination.isTemporary()) {
            return describeTemporary(destination);
        }
        DestinationDescription found = create ? ensure(destination) : find(destination);
        if (found.kind() != destination.kind()) {
            throw new InvalidDestinationException(destination + " is used, but " + found.name() + " is a "
                    + found.kind() + " in the cluster; use it as such or choose another name");
        }
        synchronized (destinations) {
            destinations.put(destination, found);
        }
        return found;
    }

    /** The cluster knows nothing of temporary destinations; their broker says with each send whether they are there. */
    private static DestinationDescription describeTemporary(MillraceDestination destination)
            throws InvalidDestinationException {
        if (TemporaryName.kind(destination.getName()) != destination.kind()) {
            throw new InvalidDestinationException(
                    destination + " is used as a " + destination.kind() + ", which its name says it is not");
        }
        var partition = new DestinationDescription.Partition(0, -1, -1, List.of(), List.of());
        return new DestinationDescription(
                destination.getName(), new UUID(0, 0), destination.kind(), false, Map.of(), List.of(partition));
    }

    /** Forgets a destination after it failed: it may have been deleted or changed. */
    void forget(MillraceDestination destination) {
        synchronized (destinations) {
            destinations.remove(destination);
        }
    }

    private DestinationDescription ensure(MillraceDestination destination) throws JMSException {
        return Failures.awaitDestination(
                admin().ensure(destination.getName(), destination.kind()),
                requestTimeout(),
                "Finding or creating " + destination);
    }

    private DestinationDescription find(MillraceDestination destination) throws JMSException {
        Map<String, DestinationDescription> found = Failures.awaitDestination(
                admin().describe(List.of(destination.getName())), requestTimeout(), "Finding " + destination);
        return Optional.ofNullable(found.get(destination.getName()))
                .orElseThrow(
                        () -> new InvalidDestinationException(destination + " does not exist in the cluster; create "
                                + "it, or let the connection factory create destinations"));
    }

    private Admin admin() {
        return client.admin();
    }

    /** Ends the producers; whoever opened the client closes it. */
    void close() {
        Producer first;
        Producer second;
        synchronized (this) {
            closed = true;
            first = persistent;
            second = nonPersistent;
        }
        if (first != null) {
            first.close(GRACE);
        }
        if (second != null) {
            second.close(GRACE);
        }
    }
}
