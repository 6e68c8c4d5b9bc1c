package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in memory: topics and queues as the brokers keep them, and the faults that a test commands.
 *
 * <p>Guarded by this. Futures of its clients complete, and their listeners run, on an event loop of each client, as with
 * the real one.
 */
public final class InMemoryCluster {
    private final Map<String, Destination> destinations = new LinkedHashMap<>();
    private final Set<InMemoryQueueConsumer> queueConsumers = new LinkedHashSet<>();
    private final List<Runnable> heldSends = new ArrayList<>();
    private final InMemorySubscriptions subscriptions = new InMemorySubscriptions(this);
    private final InMemoryTemporaries temporaries = new InMemoryTemporaries();
    private final int defaultPartitions;
    private final AtomicLong acquisitions = new AtomicLong();
    private int openTopicConsumers;
    private int openProducers;
    private int openClients;
    private boolean holdingSends;
    private boolean holdingAcknowledgements;
    private final List<CompletableFuture<Void>> heldAcknowledgements = new ArrayList<>();
    private boolean unreachable;
    private int failingAcknowledgements;
    private @Nullable ErrorCode refusal;
    private QueueRedelivery redelivery = QueueRedelivery.UNLIMITED;
    private final List<@Nullable String> errors = new ArrayList<>();

    /** What a destination is and holds. */
    static final class Destination {
        DestinationDescription description;
        final List<Partition> partitions = new ArrayList<>();

        Destination(String name, DestinationKind kind, int partitionCount, Map<String, String> configuration) {
            description = new DestinationDescription(
                    name, UUID.randomUUID(), kind, false, Map.copyOf(configuration), List.of());
            growTo(partitionCount);
        }

        void growTo(int partitionCount) {
            var described = new ArrayList<>(description.partitions());
            for (int i = described.size(); i < partitionCount; i++) {
                described.add(new DestinationDescription.Partition(i, 0, 0, List.of(0), List.of(0)));
                partitions.add(new Partition(new TopicPartition(description.name(), i)));
            }
            description = new DestinationDescription(
                    description.name(),
                    description.topicId(),
                    description.kind(),
                    description.isInternal(),
                    description.configuration(),
                    List.copyOf(described));
        }
    }

    /** The log of one partition, and of a queue who has which message. */
    static final class Partition {
        final TopicPartition name;
        final List<ConsumerRecord> log = new ArrayList<>();
        final TreeMap<Long, Long> acquiredBy = new TreeMap<>();
        final Map<Long, Integer> deliveryCounts = new HashMap<>();
        final TreeMap<Long, AcknowledgeType> settled = new TreeMap<>();

        Partition(TopicPartition name) {
            this.name = name;
        }

        boolean isAvailable(long offset) {
            return !acquiredBy.containsKey(offset) && !settled.containsKey(offset);
        }
    }

    public InMemoryCluster() {
        this(1);
    }

    /** @param defaultPartitions of destinations that are created without a count */
    public InMemoryCluster(int defaultPartitions) {
        this.defaultPartitions = defaultPartitions;
    }

    public InMemoryClusterClient newClient() {
        return newClient(ClientConfiguration.of("in-memory:1"));
    }

    public synchronized InMemoryClusterClient newClient(ClientConfiguration configuration) {
        openClients++;
        return new InMemoryClusterClient(this, configuration);
    }

    synchronized void onClientClosed() {
        openClients--;
    }

    // What tests command

    public synchronized void create(String name, DestinationKind kind, int partitions) {
        create(name, kind, partitions, Map.of());
    }

    public synchronized void create(
            String name, DestinationKind kind, int partitions, Map<String, String> configuration) {
        if (destinations.containsKey(name)) {
            throw new ClientException(ErrorCode.TOPIC_ALREADY_EXISTS, name + " exists");
        }
        destinations.put(
                name, new Destination(name, kind, partitions < 1 ? defaultPartitions : partitions, configuration));
    }

    /** Adds partitions to a destination until it has so many. */
    public synchronized void growTo(String name, int partitions) {
        require(name).growTo(partitions);
    }

    /** Takes what was acquired from every consumer; their acknowledgements fail, the messages come again. */
    public synchronized void loseBroker() {
        for (Destination destination : destinations.values()) {
            destination.partitions.forEach(partition -> partition.acquiredBy.clear());
        }
        queueConsumers.forEach(InMemoryQueueConsumer::onBrokerLost);
        holdingAcknowledgements = false;
        heldAcknowledgements.forEach(held -> held.completeExceptionally(
                new ClientException(ErrorCode.NETWORK_EXCEPTION, "the broker was lost before it answered")));
        heldAcknowledgements.clear();
        dispatch();
    }

    /** Acknowledgements from now on have no effect and no answer until {@link #loseBroker}, which fails them. */
    public synchronized void holdAcknowledgements() {
        holdingAcknowledgements = true;
    }

    /** Sends from now on fail; null: they succeed again. */
    public synchronized void refuseSends(@Nullable ErrorCode newRefusal) {
        refusal = newRefusal;
    }

    /** Sends from now on are not acknowledged until {@link #releaseSends}. */
    public synchronized void holdSends() {
        holdingSends = true;
    }

    public synchronized void releaseSends() {
        holdingSends = false;
        List<Runnable> sends = new ArrayList<>(heldSends);
        heldSends.clear();
        sends.forEach(Runnable::run);
    }

    /** So many acknowledgements fail as if their answer had been lost with the broker. */
    public synchronized void failAcknowledgements(int count) {
        failingAcknowledgements = count;
    }

    /** Requests of the administration time out. */
    public synchronized void setUnreachable(boolean newUnreachable) {
        unreachable = newUnreachable;
    }

    /** The brokers that have temporary destinations are lost, and those with them. */
    public void loseTemporaries() {
        temporaries.loseAll();
    }

    // What tests look at

    /** Temporary destinations that are there. */
    public int temporaryCount() {
        return temporaries.count();
    }

    /** Messages of a temporary destination that count against its bounds. */
    public int unconsumedCount(String temporary) {
        return temporaries.unconsumed(temporary);
    }

    public synchronized List<ConsumerRecord> records(String name) {
        List<ConsumerRecord> records = new ArrayList<>();
        for (Partition partition : require(name).partitions) {
            records.addAll(partition.log);
        }
        return records;
    }

    public synchronized int settledCount(String queue) {
        return require(queue).partitions.stream()
                .mapToInt(partition -> partition.settled.size())
                .sum();
    }

    public synchronized int acquiredCount(String queue) {
        return require(queue).partitions.stream()
                .mapToInt(partition -> partition.acquiredBy.size())
                .sum();
    }

    /** Clients, producers and consumers that nobody has closed. */
    public synchronized int openCount() {
        return openClients + openProducers + openTopicConsumers + queueConsumers.size() + temporaries.ownerCount();
    }

    public synchronized boolean exists(String name) {
        return destinations.containsKey(name);
    }

    // What clients do

    synchronized boolean isUnreachable() {
        return unreachable;
    }

    synchronized Destination require(String name) {
        Destination destination = destinations.get(name);
        if (destination == null) {
            throw new ClientException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, name + " does not exist");
        }
        return destination;
    }

    synchronized Partition require(TopicPartition partition) {
        List<Partition> partitions = require(partition.topic()).partitions;
        if (partition.partition() >= partitions.size()) {
            throw new ClientException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partition + " does not exist");
        }
        return partitions.get(partition.partition());
    }

    synchronized List<DestinationDescription> descriptions() {
        return destinations.values().stream()
                .map(destination -> destination.description)
                .filter(description -> !InMemorySubscriptions.isHidden(description.name()))
                .toList();
    }

    synchronized DestinationDescription ensure(String name, DestinationKind kind) {
        if (!destinations.containsKey(name)) {
            create(name, kind, defaultPartitions);
        }
        DestinationDescription description = require(name).description;
        if (description.kind() != kind) {
            throw new ClientException(
                    ErrorCode.INVALID_REQUEST, name + " is a " + description.kind() + ", not a " + kind);
        }
        return description;
    }

    synchronized void delete(String name) {
        require(name);
        destinations.remove(name);
    }

    /** Appends a record and completes the future, or fails or holds it as commanded. */
    synchronized void append(ProducerRecord record, CompletableFuture<RecordMetadata> sent) {
        if (refusal != null) {
            sent.completeExceptionally(new ClientException(refusal, "sends to " + record.topic() + " are refused"));
            return;
        }
        if (holdingSends) {
            heldSends.add(() -> append(record, sent));
            return;
        }
        List<Partition> partitions = require(record.topic()).partitions;
        Integer wanted = record.partition();
        int index = wanted == null ? Math.floorMod(Arrays.hashCode(record.key()), partitions.size()) : wanted;
        Partition partition = require(new TopicPartition(record.topic(), index));
        Long timestampMs = record.timestampMs();
        ConsumerRecord stored = new ConsumerRecord(
                partition.name,
                partition.log.size(),
                0,
                timestampMs == null ? System.currentTimeMillis() : timestampMs,
                record.key(),
                record.value(),
                record.headers());
        partition.log.add(stored);
        subscriptions.onAppended(stored);
        dispatch();
        sent.complete(new RecordMetadata(partition.name, stored.offset(), stored.timestampMs()));
    }

    /** Gives available messages to consumers that have room, in turn, and wakes whoever waits. */
    void dispatch() {
        boolean gave = true;
        while (gave) {
            gave = false;
            for (InMemoryQueueConsumer consumer : queueConsumers) {
                gave |= consumer.hasRoom() && acquireOne(consumer);
            }
        }
        notifyAll();
    }

    private boolean acquireOne(InMemoryQueueConsumer consumer) {
        Destination queue = destinations.get(consumer.queue());
        if (queue == null) {
            return false;
        }
        for (Partition partition : queue.partitions) {
            for (ConsumerRecord record : partition.log) {
                if (partition.isAvailable(record.offset()) && consumer.wants(record)) {
                    consumer.onAcquired(acquire(partition, record));
                    return true;
                }
            }
        }
        return false;
    }

    private QueueMessage acquire(Partition partition, ConsumerRecord record) {
        long acquisition = acquisitions.incrementAndGet();
        partition.acquiredBy.put(record.offset(), acquisition);
        int deliveryCount = partition.deliveryCounts.merge(record.offset(), 1, Integer::sum);
        return new QueueMessage(
                partition.name,
                record.offset(),
                deliveryCount,
                acquisition,
                record.timestampMs(),
                record.key(),
                record.value(),
                record.headers());
    }

    /** What is not settled, whoever has acquired it; every record counts as a batch of its own. */
    synchronized QueuePage browse(TopicPartition name, long fromOffset, int maxBytes) {
        if (unreachable) {
            throw new ClientException(ErrorCode.REQUEST_TIMED_OUT, "no broker can be reached");
        }
        Partition partition = require(name);
        long endOffset = partition.log.size();
        long offset = fromOffset;
        int bytes = 0;
        List<QueueMessage> messages = new ArrayList<>();
        for (; offset < endOffset && bytes < maxBytes; offset++) {
            ConsumerRecord record = partition.log.get((int) offset);
            byte[] value = record.value();
            bytes += 1 + (value == null ? 0 : value.length);
            if (!partition.settled.containsKey(offset)) {
                messages.add(new QueueMessage(
                        name, offset, 1, 0, record.timestampMs(), record.key(), record.value(), record.headers()));
            }
        }
        return new QueuePage(messages, offset, endOffset);
    }

    /** What becomes of released messages from now on: those delivered too often are settled, and no delay is kept. */
    public synchronized void redeliver(QueueRedelivery newRedelivery) {
        redelivery = newRedelivery;
    }

    /** The reasons that consumers have given with messages that were released. */
    public synchronized List<@Nullable String> errors() {
        return new ArrayList<>(errors);
    }

    synchronized QueueRedelivery redelivery() {
        return redelivery;
    }

    synchronized void noteError(@Nullable String error) {
        errors.add(error);
    }

    /** @return whether the acknowledgement is held, and nothing settled */
    synchronized boolean isHeld(CompletableFuture<Void> acknowledgement) {
        return holdingAcknowledgements && heldAcknowledgements.add(acknowledgement);
    }

    /** Settles a message, or says why not. */
    synchronized void settle(QueueMessage message, AcknowledgeType type) {
        Partition partition = require(message.partition());
        Long acquisition = partition.acquiredBy.get(message.offset());
        if (failingAcknowledgements > 0) {
            failingAcknowledgements--;
            partition.acquiredBy.remove(message.offset());
            throw new ClientException(ErrorCode.NETWORK_EXCEPTION, "the broker of " + partition.name + " was lost");
        }
        if (acquisition == null || acquisition != message.acquisition()) {
            throw new ClientException(
                    ErrorCode.INVALID_RECORD_STATE,
                    partition.name + "@" + message.offset() + " is not acquired by this consumer any more");
        }
        partition.acquiredBy.remove(message.offset());
        boolean isDead = redelivery.deliveriesMax() > 0 && message.deliveryCount() >= redelivery.deliveriesMax();
        if (type == AcknowledgeType.RELEASE && !isDead) {
            partition.deliveryCounts.put(message.offset(), message.deliveryCount());
        } else {
            partition.settled.put(message.offset(), type);
        }
    }

    /** As if it had never been acquired: nobody has seen it. */
    synchronized void unacquire(QueueMessage message) {
        Partition partition = require(message.partition());
        Long acquisition = partition.acquiredBy.get(message.offset());
        if (acquisition != null && acquisition == message.acquisition()) {
            partition.acquiredBy.remove(message.offset());
            partition.deliveryCounts.merge(message.offset(), -1, Integer::sum);
        }
    }

    InMemoryTemporaries temporaries() {
        return temporaries;
    }

    InMemorySubscriptions subscriptions() {
        return subscriptions;
    }

    synchronized int consumerCount(String queue) {
        return (int) queueConsumers.stream()
                .filter(consumer -> consumer.queue().equals(queue))
                .count();
    }

    synchronized void add(InMemoryQueueConsumer consumer) {
        queueConsumers.add(consumer);
        dispatch();
    }

    synchronized boolean remove(InMemoryQueueConsumer consumer) {
        return queueConsumers.remove(consumer);
    }

    synchronized void countTopicConsumers(int change) {
        openTopicConsumers += change;
    }

    synchronized void countProducers(int change) {
        openProducers += change;
    }
}
