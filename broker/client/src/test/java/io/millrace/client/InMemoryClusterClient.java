package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of {@link InMemoryCluster}, faithful to the contracts of the real one: futures complete on its event loop,
 * acquisitions end with their consumer, everything ends with the client.
 */
public final class InMemoryClusterClient implements ClusterClient {
    private final InMemoryCluster cluster;
    private final ClientConfiguration configuration;
    private final ExecutorService loop = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "in-memory-event-loop");
        thread.setDaemon(true);
        return thread;
    });
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    InMemoryClusterClient(InMemoryCluster cluster, ClientConfiguration configuration) {
        this.cluster = cluster;
        this.configuration = configuration;
    }

    @Override
    public Producer newProducer(ProducerConfiguration producerConfiguration) {
        return opened(new InMemoryProducer());
    }

    @Override
    public TopicConsumer newConsumer(ConsumerConfiguration consumerConfiguration) {
        return opened(new InMemoryTopicConsumer(cluster, consumerConfiguration.startingPosition()));
    }

    @Override
    public QueueConsumer newQueueConsumer(String queue, QueueConsumerConfiguration consumerConfiguration) {
        InMemoryQueueConsumer consumer = new InMemoryQueueConsumer(cluster, queue, consumerConfiguration, this::onLoop);
        cluster.add(consumer);
        return opened(consumer);
    }

    @Override
    public QueueConsumer newSubscriptionConsumer(
            SubscriptionDescription subscription, QueueConsumerConfiguration consumerConfiguration) {
        String queue = InMemorySubscriptions.queueOf(subscription);
        var consumer = new InMemoryQueueConsumer(cluster, queue, consumerConfiguration, this::onLoop);
        synchronized (cluster) {
            if (!subscription.isShared() && cluster.consumerCount(queue) > 0) {
                consumer.refuse(new ClientException(ErrorCode.NON_EMPTY_GROUP, subscription + " has another consumer"));
            } else {
                cluster.add(consumer);
            }
        }
        return opened(consumer);
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private void onLoop(Runnable task) {
        if (!loop.isShutdown()) {
            loop.execute(task);
        }
    }

    @Override
    public CompletableFuture<QueuePage> browse(TopicPartition partition, long fromOffset, int maxBytes) {
        CompletableFuture<QueuePage> page = new CompletableFuture<>();
        try {
            QueuePage found = cluster.browse(partition, fromOffset, maxBytes);
            onLoop(() -> page.complete(found));
        } catch (ClientException e) {
            onLoop(() -> page.completeExceptionally(e));
        }
        return page;
    }

    @Override
    public TemporaryDestinations newTemporaryDestinations(TemporaryDestinations.Listener listener) {
        return opened(cluster.temporaries().newOwner(listener, this::onLoop));
    }

    @Override
    public CompletableFuture<Void> sendTemporary(ProducerRecord record) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try {
            cluster.temporaries().send(record);
            onLoop(() -> sent.complete(null));
        } catch (ClientException e) {
            onLoop(() -> sent.completeExceptionally(e));
        }
        return sent;
    }

    @Override
    public Admin admin() {
        return new InMemoryAdmin();
    }

    @Override
    public ClientConfiguration configuration() {
        return configuration;
    }

    @Override
    public void close() {
        if (loop.isShutdown()) {
            return;
        }
        for (AutoCloseable closeable : opened) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new AssertionError("Closing " + closeable + " failed", e);
            }
        }
        loop.shutdown();
        try {
            if (!loop.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("A task blocks the event loop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        cluster.onClientClosed();
    }

    private final class InMemoryProducer implements Producer {
        private final Set<CompletableFuture<RecordMetadata>> pending = new LinkedHashSet<>();
        private boolean closed;

        InMemoryProducer() {
            cluster.countProducers(1);
        }

        @Override
        public synchronized CompletableFuture<RecordMetadata> send(ProducerRecord record) {
            if (closed) {
                throw new ClientException(ErrorCode.INVALID_REQUEST, "The producer is closed");
            }
            cluster.require(record.topic());
            CompletableFuture<RecordMetadata> stored = new CompletableFuture<>();
            CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
            pending.add(sent);
            stored.whenComplete((metadata, failure) -> onLoop(() -> {
                remove(sent);
                if (failure == null) {
                    sent.complete(metadata);
                } else {
                    sent.completeExceptionally(failure);
                }
            }));
            cluster.append(record, stored);
            return sent;
        }

        private synchronized void remove(CompletableFuture<RecordMetadata> sent) {
            pending.remove(sent);
        }

        @Override
        public synchronized CompletableFuture<Void> flush() {
            return CompletableFuture.allOf(pending.toArray(CompletableFuture[]::new));
        }

        @Override
        public void close(Duration timeout) {
            List<CompletableFuture<RecordMetadata>> left;
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
                left = new ArrayList<>(pending);
            }
            cluster.countProducers(-1);
            left.forEach(sent -> sent.completeExceptionally(
                    new ClientException(ErrorCode.REQUEST_TIMED_OUT, "The producer was closed")));
        }
    }

    private final class InMemoryAdmin implements Admin {

        @Override
        public SubscriptionAdmin subscriptions() {
            return new SubscriptionAdmin() {
                @Override
                public CompletableFuture<SubscriptionDescription> create(SubscriptionWish wanted) {
                    return guarded(() -> cluster.subscriptions().create(wanted));
                }

                @Override
                public CompletableFuture<Void> delete(SubscriptionDescription subscription) {
                    return guarded(() -> {
                        cluster.subscriptions().delete(subscription);
                        return null;
                    });
                }

                @Override
                public CompletableFuture<List<SubscriptionDescription>> list(
                        @Nullable String topic, @Nullable String name) {
                    return guarded(() -> cluster.subscriptions().list(topic, name));
                }

                @Override
                public CompletableFuture<Optional<SubscriptionDescription>> find(
                        String clientId, String name, boolean isDurable) {
                    return guarded(() -> cluster.subscriptions().find(clientId, name, isDurable));
                }
            };
        }

        private <T> CompletableFuture<T> guarded(Supplier<T> answer) {
            return answer(() -> {
                synchronized (cluster) {
                    return answer.get();
                }
            });
        }

        private <T> CompletableFuture<T> answer(Supplier<T> answer) {
            CompletableFuture<T> answered = new CompletableFuture<>();
            if (cluster.isUnreachable()) {
                return answered;
            }
            onLoop(() -> {
                try {
                    answered.complete(answer.get());
                } catch (ClientException e) {
                    answered.completeExceptionally(e);
                }
            });
            return answered;
        }

        private CompletableFuture<Void> act(Runnable action) {
            return answer(() -> {
                action.run();
                return null;
            });
        }

        @Override
        public CompletableFuture<Void> create(
                String name,
                DestinationKind kind,
                int partitions,
                int replicationFactor,
                Map<String, String> destinationConfiguration) {
            return act(() -> cluster.create(name, kind, partitions, destinationConfiguration));
        }

        @Override
        public CompletableFuture<Void> delete(String name) {
            return act(() -> cluster.delete(name));
        }

        @Override
        public CompletableFuture<Long> deleteRecords(TopicPartition partition, long beforeOffset) {
            return CompletableFuture.failedFuture(
                    new ClientException(ErrorCode.UNSUPPORTED_VERSION, "This cluster keeps all records"));
        }

        @Override
        public CompletableFuture<List<DestinationDescription>> list() {
            return answer(cluster::descriptions);
        }

        @Override
        public CompletableFuture<Map<String, DestinationDescription>> describe(Collection<String> names) {
            return answer(() -> {
                Map<String, DestinationDescription> found = new LinkedHashMap<>();
                for (DestinationDescription description : cluster.descriptions()) {
                    if (names.contains(description.name())) {
                        found.put(description.name(), description);
                    }
                }
                return found;
            });
        }

        @Override
        public CompletableFuture<DestinationDescription> ensure(String name, DestinationKind kind) {
            return answer(() -> cluster.ensure(name, kind));
        }

        @Override
        public CompletableFuture<ClusterDescription> cluster() {
            return answer(
                    () -> new ClusterDescription(0, List.of(new ClusterDescription.Broker(0, "in-memory", 1, null))));
        }
    }
}
