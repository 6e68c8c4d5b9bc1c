package io.millrace.ra;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.Admin;
import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.ClusterDescription;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerConfiguration.Isolation;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.client.Producer;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.client.RecordMetadata;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.RecordHeader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in memory whose faults a test commands: queues of one partition, topics of several, brokers that are gone.
 *
 * <p>Guarded by this; waiters are woken by every change.
 */
public final class FakeCluster {
    private final Map<String, Stored> destinations = new LinkedHashMap<>();
    private final Set<FakeQueueConsumer> queueConsumers = new HashSet<>();
    private final List<String> sent = new ArrayList<>();
    /** Of transactions that were aborted; told apart by identity, as two records may have equal bytes. */
    private final Set<byte[]> aborted = Collections.newSetFromMap(new IdentityHashMap<>());

    private int openClients;
    private int ensureCalls;
    private boolean unreachable;
    private boolean refusingSends;

    private static final class Stored {
        final DestinationDescription description;
        final Deque<Message> available = new ArrayDeque<>();
        final List<List<byte[]>> partitions = new ArrayList<>();
        final List<String> accepted = new ArrayList<>();
        int released;

        Stored(String name, DestinationKind kind, int partitionCount) {
            List<DestinationDescription.Partition> described = new ArrayList<>();
            for (int partition = 0; partition < partitionCount; partition++) {
                described.add(new DestinationDescription.Partition(partition, 0, 0, List.of(0), List.of(0)));
                partitions.add(new ArrayList<>());
            }
            description = new DestinationDescription(name, UUID.randomUUID(), kind, false, Map.of(), described);
        }
    }

    private record Message(long offset, int deliveries, byte[] value, List<RecordHeader> headers) {}

    public ClusterClient open(ClientConfiguration configuration) {
        synchronized (this) {
            openClients++;
        }
        return new Client(configuration);
    }

    public synchronized void create(String name, DestinationKind kind, int partitions) {
        destinations.put(name, new Stored(name, kind, partitions));
        notifyAll();
    }

    public synchronized void delete(String name) {
        destinations.remove(name);
        notifyAll();
    }

    /** Puts text messages of no client into a queue, made where it is missing. */
    public synchronized void put(String queue, String... texts) {
        for (String text : texts) {
            put(queue, text.getBytes(StandardCharsets.UTF_8), List.of());
        }
    }

    public synchronized void put(String queue, byte[] value, List<RecordHeader> headers) {
        Stored stored = destinations.computeIfAbsent(queue, name -> new Stored(name, DestinationKind.QUEUE, 1));
        long offset = stored.partitions.get(0).size();
        stored.partitions.get(0).add(value);
        stored.available.add(new Message(offset, 0, value, headers));
        notifyAll();
    }

    public synchronized void publish(String topic, int partition, String text) {
        destinations.get(topic).partitions.get(partition).add(text.getBytes(StandardCharsets.UTF_8));
        notifyAll();
    }

    /** What a producer has sent in a transaction that it then aborted: it stays in the log. */
    public synchronized void publishAborted(String topic, int partition, String text) {
        byte[] value = text.getBytes(StandardCharsets.UTF_8);
        aborted.add(value);
        destinations.get(topic).partitions.get(partition).add(value);
        notifyAll();
    }

    /** From now on no broker answers, and what was acquired is lost to its consumers. */
    public synchronized void goDown() {
        unreachable = true;
        queueConsumers.forEach(FakeQueueConsumer::loseConnection);
        notifyAll();
    }

    public synchronized void comeBack() {
        unreachable = false;
        notifyAll();
    }

    public synchronized void refuseSends(boolean refuse) {
        refusingSends = refuse;
    }

    /** Makes every receive that is waiting, or the next one, fail. */
    public synchronized void breakConsumers() {
        queueConsumers.forEach(consumer -> consumer.broken = true);
        notifyAll();
    }

    public synchronized List<String> accepted(String queue) {
        Stored stored = destinations.get(queue);
        return stored == null ? List.of() : List.copyOf(stored.accepted);
    }

    public synchronized int released(String queue) {
        return destinations.get(queue).released;
    }

    public synchronized int available(String queue) {
        return destinations.get(queue).available.size();
    }

    public synchronized boolean exists(String name) {
        return destinations.containsKey(name);
    }

    /** The values of what was sent, in order, as UTF-8. */
    public synchronized List<String> sent() {
        return List.copyOf(sent);
    }

    public synchronized int openClients() {
        return openClients;
    }

    public synchronized int openQueueConsumers() {
        return queueConsumers.size();
    }

    /** How the queue's consumers that are open were told to fetch. */
    public synchronized List<QueueConsumerConfiguration> configurationsOfConsumers(String queue) {
        return queueConsumers.stream()
                .filter(consumer -> consumer.queue.equals(queue))
                .map(consumer -> consumer.configuration)
                .toList();
    }

    public synchronized int ensureCalls() {
        return ensureCalls;
    }

    private static ClientException unreachable(String what) {
        return new ClientException(ErrorCode.BROKER_NOT_AVAILABLE, what + ": no broker answers; start one");
    }

    private <T> CompletableFuture<T> answer(String what, Supplier<T> answer) {
        synchronized (this) {
            try {
                return unreachable
                        ? CompletableFuture.failedFuture(unreachable(what))
                        : CompletableFuture.completedFuture(answer.get());
            } catch (ClientException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    private final class Client implements ClusterClient, Admin {
        private final ClientConfiguration configuration;
        private boolean closed;

        Client(ClientConfiguration configuration) {
            this.configuration = configuration;
        }

        @Override
        public Producer newProducer(ProducerConfiguration producerConfiguration) {
            return new FakeProducer();
        }

        @Override
        public TopicConsumer newConsumer(ConsumerConfiguration consumerConfiguration) {
            return new FakeTopicConsumer(consumerConfiguration.isolation());
        }

        @Override
        public QueueConsumer newQueueConsumer(String queue, QueueConsumerConfiguration consumerConfiguration) {
            synchronized (FakeCluster.this) {
                FakeQueueConsumer consumer = new FakeQueueConsumer(queue, consumerConfiguration);
                queueConsumers.add(consumer);
                return consumer;
            }
        }

        @Override
        public Admin admin() {
            return this;
        }

        @Override
        public ClientConfiguration configuration() {
            return configuration;
        }

        @Override
        public void close() {
            synchronized (FakeCluster.this) {
                if (!closed) {
                    closed = true;
                    openClients--;
                }
            }
        }

        @Override
        public CompletableFuture<Void> create(
                String name, DestinationKind kind, int partitions, int replicas, Map<String, String> settings) {
            return answer("create", () -> {
                FakeCluster.this.create(name, kind, Math.max(1, partitions));
                return null;
            });
        }

        @Override
        public CompletableFuture<Void> delete(String name) {
            return answer("delete", () -> {
                FakeCluster.this.delete(name);
                return null;
            });
        }

        @Override
        public CompletableFuture<Long> deleteRecords(TopicPartition partition, long beforeOffset) {
            return CompletableFuture.failedFuture(
                    new ClientException(ErrorCode.UNSUPPORTED_VERSION, "This cluster keeps all records"));
        }

        @Override
        public CompletableFuture<List<DestinationDescription>> list() {
            return answer("list", () -> destinations.values().stream()
                    .map(stored -> stored.description)
                    .toList());
        }

        @Override
        public CompletableFuture<Map<String, DestinationDescription>> describe(Collection<String> names) {
            return answer("describe", () -> {
                Map<String, DestinationDescription> found = new HashMap<>();
                names.stream()
                        .filter(destinations::containsKey)
                        .forEach(name -> found.put(name, destinations.get(name).description));
                return found;
            });
        }

        @Override
        public CompletableFuture<DestinationDescription> ensure(String name, DestinationKind kind) {
            return answer("ensure", () -> {
                ensureCalls++;
                Stored stored = destinations.computeIfAbsent(name, missing -> new Stored(missing, kind, 1));
                if (stored.description.kind() != kind) {
                    throw new ClientException(ErrorCode.INVALID_REQUEST, name + " is a " + stored.description.kind());
                }
                return stored.description;
            });
        }

        @Override
        public CompletableFuture<ClusterDescription> cluster() {
            return answer("cluster", () -> new ClusterDescription(0, List.of()));
        }
    }

    private final class FakeQueueConsumer implements QueueConsumer {
        private final String queue;
        private final QueueConsumerConfiguration configuration;
        private final Map<Long, Message> acquired = new HashMap<>();
        private long acquisitions;
        private boolean broken;
        private boolean closed;

        FakeQueueConsumer(String queue, QueueConsumerConfiguration configuration) {
            this.queue = queue;
            this.configuration = configuration;
        }

        @Override
        public @Nullable QueueMessage receive(Duration timeout) throws InterruptedException {
            long deadline = System.nanoTime() + timeout.toNanos();
            synchronized (FakeCluster.this) {
                while (!closed) {
                    if (broken) {
                        throw unreachable("receive");
                    }
                    Stored stored = destinations.get(queue);
                    if (!unreachable && stored != null && !stored.available.isEmpty()) {
                        return acquire(stored.available.remove());
                    }
                    long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                    if (leftMs <= 0) {
                        return null;
                    }
                    FakeCluster.this.wait(leftMs);
                }
                return null;
            }
        }

        private QueueMessage acquire(Message message) {
            long acquisition = ++acquisitions;
            int deliveries = message.deliveries + 1;
            acquired.put(acquisition, new Message(message.offset, deliveries, message.value, message.headers));
            TopicPartition partition = new TopicPartition(queue, 0);
            return new QueueMessage(
                    partition, message.offset, deliveries, acquisition, 0, null, message.value, message.headers);
        }

        @Override
        public CompletableFuture<Void> acknowledge(Collection<QueueMessage> messages, AcknowledgeType type) {
            synchronized (FakeCluster.this) {
                for (QueueMessage message : messages) {
                    Message settled = acquired.remove(message.acquisition());
                    if (settled == null) {
                        return CompletableFuture.failedFuture(new ClientException(
                                ErrorCode.INVALID_RECORD_STATE, "offset " + message.offset() + " is not acquired"));
                    }
                    Stored stored = destinations.get(queue);
                    if (type == AcknowledgeType.RELEASE) {
                        stored.released++;
                        stored.available.addFirst(settled);
                    } else {
                        stored.accepted.add(new String(settled.value, StandardCharsets.UTF_8));
                    }
                }
                FakeCluster.this.notifyAll();
                return CompletableFuture.completedFuture(null);
            }
        }

        @Override
        public void onAvailable(Runnable listener) {}

        @Override
        public CompletableFuture<Void> releasePrefetched() {
            return CompletableFuture.completedFuture(null);
        }

        void loseConnection() {
            Stored stored = destinations.get(queue);
            acquired.values().forEach(stored.available::addFirst);
            acquired.clear();
        }

        @Override
        public void close() {
            synchronized (FakeCluster.this) {
                closed = true;
                if (destinations.containsKey(queue)) {
                    loseConnection();
                }
                queueConsumers.remove(this);
                FakeCluster.this.notifyAll();
            }
        }
    }

    private final class FakeTopicConsumer implements TopicConsumer {
        private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
        private final Isolation isolation;

        FakeTopicConsumer(Isolation isolation) {
            this.isolation = isolation;
        }

        @Override
        public void assign(Collection<TopicPartition> partitions) {
            positions.keySet().retainAll(partitions);
            partitions.forEach(partition -> positions.putIfAbsent(partition, 0L));
        }

        @Override
        public Set<TopicPartition> assignment() {
            return positions.keySet();
        }

        @Override
        public void seek(TopicPartition partition, long offset) {
            positions.put(partition, offset);
        }

        @Override
        public long position(TopicPartition partition) {
            return positions.get(partition);
        }

        @Override
        public List<ConsumerRecord> poll(Duration timeout) {
            long deadline = System.nanoTime() + timeout.toNanos();
            synchronized (FakeCluster.this) {
                while (true) {
                    List<ConsumerRecord> polled = unreachable ? List.of() : arrived();
                    long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                    if (!polled.isEmpty() || leftMs <= 0) {
                        return polled;
                    }
                    try {
                        FakeCluster.this.wait(leftMs);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return List.of();
                    }
                }
            }
        }

        private List<ConsumerRecord> arrived() {
            List<ConsumerRecord> arrived = new ArrayList<>();
            positions.replaceAll((partition, position) -> {
                Stored stored = destinations.get(partition.topic());
                if (stored == null) {
                    throw new ClientException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partition + " was deleted");
                }
                List<byte[]> log = stored.partitions.get(partition.partition());
                for (long offset = position; offset < log.size(); offset++) {
                    byte[] value = log.get((int) offset);
                    if (isolation == Isolation.READ_UNCOMMITTED || !aborted.contains(value)) {
                        arrived.add(new ConsumerRecord(partition, offset, 0, 0, null, value, List.of()));
                    }
                }
                return Math.max(position, (long) log.size());
            });
            return arrived;
        }

        @Override
        public void wakeup() {}

        @Override
        public CompletableFuture<Map<TopicPartition, Long>> beginningOffsets(Collection<TopicPartition> partitions) {
            return answer("beginningOffsets", () -> {
                Map<TopicPartition, Long> offsets = new HashMap<>();
                partitions.forEach(partition -> offsets.put(partition, 0L));
                return offsets;
            });
        }

        @Override
        public CompletableFuture<Map<TopicPartition, Long>> endOffsets(Collection<TopicPartition> partitions) {
            return answer("endOffsets", () -> {
                Map<TopicPartition, Long> offsets = new HashMap<>();
                partitions.forEach(partition -> offsets.put(partition, (long) destinations
                        .get(partition.topic())
                        .partitions
                        .get(partition.partition())
                        .size()));
                return offsets;
            });
        }

        @Override
        public CompletableFuture<Map<TopicPartition, Long>> offsetsForTimes(Map<TopicPartition, Long> timestampsMs) {
            throw new UnsupportedOperationException("no test asks for times");
        }

        @Override
        public void close() {}
    }

    private final class FakeProducer implements Producer {
        @Override
        public CompletableFuture<RecordMetadata> send(ProducerRecord producerRecord) {
            return answer("send", () -> {
                if (refusingSends) {
                    throw unreachable("send");
                }
                byte[] value = producerRecord.value();
                String text = value == null ? "" : new String(value, StandardCharsets.UTF_8);
                sent.add(text);
                Stored stored = destinations.computeIfAbsent(
                        producerRecord.topic(), name -> new Stored(name, DestinationKind.QUEUE, 1));
                long offset = stored.partitions.get(0).size();
                stored.partitions.get(0).add(value);
                if (stored.description.kind() == DestinationKind.QUEUE) {
                    stored.available.add(new Message(offset, 0, value, producerRecord.headers()));
                }
                FakeCluster.this.notifyAll();
                return new RecordMetadata(new TopicPartition(producerRecord.topic(), 0), offset, 0);
            });
        }

        @Override
        public CompletableFuture<Void> flush() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close(Duration timeout) {}
    }
}
