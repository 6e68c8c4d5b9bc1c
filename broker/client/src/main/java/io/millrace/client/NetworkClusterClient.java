package io.millrace.client;

import io.millrace.client.network.EventLoops;
import io.millrace.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The client over TCP.
 *
 * <p>Each producer and consumer is served by one of the client's event loops and has connections of its own; metadata
 * and administration share one connection to any broker. Threads start with the first use.
 */
final class NetworkClusterClient implements ClusterClient {
    private static final Duration CLOSE_MAX = Duration.ofSeconds(30);
    private static final Duration THREADS_END_MAX = Duration.ofSeconds(5);
    private static final int LOOPS_MAX = 4;

    private final ClientContext context;
    private final AdminCalls calls;
    private final NetworkAdmin admin;
    private final QueueBrowsing browsing;
    private final OffsetLookup offsets;
    private final TemporarySends temporarySends;
    private final EventLoop controlLoop;
    private final Set<Producer> producers = ConcurrentHashMap.newKeySet();
    private final Set<QueueConsumer> queueConsumers = ConcurrentHashMap.newKeySet();
    private final Set<TopicConsumer> topicConsumers = ConcurrentHashMap.newKeySet();
    private final Set<GroupConsumer> groupConsumers = ConcurrentHashMap.newKeySet();
    private final Set<TemporaryDestinations> temporaries = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    NetworkClusterClient(ClientConfiguration configuration) {
        var backoff = new Backoff(configuration.reconnectBackoff(), configuration.reconnectBackoffMax(), new Random());
        int loopCount = Math.max(1, Math.min(LOOPS_MAX, Runtime.getRuntime().availableProcessors() / 2));
        var loops = new EventLoops("millrace-client-" + configuration.clientId(), loopCount);
        controlLoop = loops.next();
        var access = new ClusterAccess(controlLoop, configuration, backoff, new Random());
        var metadata = new ClusterMetadata(controlLoop, access, configuration);
        context = new ClientContext(configuration, loops, backoff, InstantSource.system(), access, metadata);
        offsets = new OffsetLookup(controlLoop, context);
        calls = new AdminCalls(controlLoop, context);
        browsing = new QueueBrowsing(context.metadata(), calls);
        admin = new NetworkAdmin(controlLoop, context, calls);
        temporarySends = new TemporarySends(context, admin::cluster);
    }

    @Override
    public Producer newProducer(ProducerConfiguration configuration) {
        refuseIfClosed();
        var producer = new NetworkProducer(context, configuration, producers::remove);
        producers.add(producer);
        return producer;
    }

    @Override
    public TopicConsumer newConsumer(ConsumerConfiguration configuration) {
        refuseIfClosed();
        var consumer = new NetworkTopicConsumer(context, configuration, offsets, topicConsumers::remove);
        topicConsumers.add(consumer);
        return consumer;
    }

    @Override
    public GroupConsumer newGroupConsumer(GroupConsumer.Subscription subscription) {
        refuseIfClosed();
        var consumer =
                new NetworkGroupConsumer(controlLoop, context, calls, offsets, subscription, groupConsumers::remove);
        groupConsumers.add(consumer);
        return consumer;
    }

    @Override
    public QueueConsumer newQueueConsumer(String queue, QueueConsumerConfiguration configuration) {
        refuseIfClosed();
        var consumer = new NetworkQueueConsumer(context, queue, null, configuration, queueConsumers::remove);
        queueConsumers.add(consumer);
        return consumer;
    }

    @Override
    public QueueConsumer newSubscriptionConsumer(
            SubscriptionDescription subscription, QueueConsumerConfiguration configuration) {
        refuseIfClosed();
        var consumer = new NetworkQueueConsumer(
                context, subscription.topic(), subscription, configuration, queueConsumers::remove);
        queueConsumers.add(consumer);
        return consumer;
    }

    @Override
    public TemporaryDestinations newTemporaryDestinations(TemporaryDestinations.Listener listener) {
        refuseIfClosed();
        var owner = new NetworkTemporaryDestinations(context, admin::cluster, listener, temporaries::remove);
        temporaries.add(owner);
        return owner;
    }

    @Override
    public CompletableFuture<Void> sendTemporary(ProducerRecord record) {
        refuseIfClosed();
        return temporarySends.send(record);
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new ClientException(ErrorCode.INVALID_REQUEST, "The client is closed");
        }
    }

    @Override
    public CompletableFuture<QueuePage> browse(TopicPartition partition, long fromOffset, int maxBytes) {
        return browse(partition, fromOffset, maxBytes, null);
    }

    @Override
    public CompletableFuture<QueuePage> browse(
            TopicPartition partition, long fromOffset, int maxBytes, @Nullable String selector) {
        refuseIfClosed();
        return browsing.page(partition, fromOffset, maxBytes, selector);
    }

    @Override
    public Admin admin() {
        return admin;
    }

    @Override
    public ClientConfiguration configuration() {
        return context.configuration();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        long deadlineNanos =
                System.nanoTime() + CLOSE_MAX.minus(THREADS_END_MAX).toNanos();
        List.copyOf(groupConsumers).forEach(GroupConsumer::close);
        List.copyOf(topicConsumers).forEach(TopicConsumer::close);
        List.copyOf(queueConsumers).forEach(QueueConsumer::close);
        List.copyOf(temporaries).forEach(TemporaryDestinations::close);
        for (Producer producer : List.copyOf(producers)) {
            producer.close(left(deadlineNanos));
        }
        temporarySends.closeFromAnyThread();
        Loops.execute(controlLoop, offsets::close);
        Loops.execute(controlLoop, calls::close);
        Loops.execute(controlLoop, context.access()::close);
        context.loops().close(THREADS_END_MAX);
    }

    private static Duration left(long deadlineNanos) {
        return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), deadlineNanos - System.nanoTime()));
    }
}
