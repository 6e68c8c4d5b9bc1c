package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.selector.MessageSelector;
import io.millrace.selector.RecordFields;
import io.millrace.selector.RecordView;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A queue consumer of {@link InMemoryCluster}; guarded by the cluster. */
final class InMemoryQueueConsumer implements QueueConsumer {
    private final InMemoryCluster cluster;
    private final String queue;
    private final int prefetch;
    private final MessageSelector selector;
    private final Executor loop;
    private final Deque<QueueMessage> prefetched = new ArrayDeque<>();
    private final Map<Long, QueueMessage> received = new LinkedHashMap<>();
    private Runnable listener = () -> {};
    private final CompletableFuture<Void> attached = new CompletableFuture<>();
    private boolean closed;

    InMemoryQueueConsumer(
            InMemoryCluster cluster, String queue, QueueConsumerConfiguration configuration, Executor loop) {
        this.cluster = cluster;
        this.queue = queue;
        this.prefetch = configuration.prefetch();
        this.selector = parse(configuration.selector());
        this.loop = loop;
    }

    private static MessageSelector parse(@Nullable String selector) {
        try {
            return MessageSelector.parse(selector);
        } catch (InvalidSelectorSyntaxException e) {
            throw new ClientException(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    boolean wants(ConsumerRecord record) {
        return selector.isAll() || selector.matches(new RecordView(new Fields(record)));
    }

    private record Fields(ConsumerRecord record) implements RecordFields {
        @Override
        public int headerCount() {
            return record.headers().size();
        }

        @Override
        public String headerName(int index) {
            return record.headers().get(index).key();
        }

        @Override
        public byte @Nullable [] headerValue(int index) {
            return record.headers().get(index).value();
        }

        @Override
        public byte @Nullable [] key() {
            return record.key();
        }

        @Override
        public long timestampMs() {
            return record.timestampMs();
        }

        @Override
        public String foreignMessageId() {
            return "ID:" + record.partition() + "@" + record.offset();
        }
    }

    /** It is never added to the cluster. */
    void refuse(ClientException why) {
        attached.completeExceptionally(why);
    }

    @Override
    public CompletableFuture<Void> attached() {
        attached.complete(null);
        return attached;
    }

    String queue() {
        return queue;
    }

    boolean hasRoom() {
        return prefetched.size() < prefetch;
    }

    void onAcquired(QueueMessage message) {
        prefetched.add(message);
        loop.execute(listener);
    }

    /** Messages that were prefetched are gone with the broker; those received find out when they are settled. */
    void onBrokerLost() {
        prefetched.clear();
    }

    @Override
    public @Nullable QueueMessage receive(Duration timeout) throws InterruptedException {
        synchronized (cluster) {
            long deadlineNanos = timeout.equals(FOREVER) ? Long.MAX_VALUE : System.nanoTime() + timeout.toNanos();
            while (prefetched.isEmpty() && !closed) {
                long remainingNanos = deadlineNanos - System.nanoTime();
                if (remainingNanos <= 0) {
                    return null;
                }
                TimeUnit.NANOSECONDS.timedWait(cluster, Math.min(remainingNanos, TimeUnit.HOURS.toNanos(1)));
            }
            QueueMessage message = prefetched.poll();
            if (message != null) {
                received.put(message.acquisition(), message);
                cluster.dispatch();
            }
            return message;
        }
    }

    @Override
    public CompletableFuture<Void> acknowledge(Collection<QueueMessage> messages, AcknowledgeType type) {
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        List<QueueMessage> settling = new ArrayList<>(messages);
        synchronized (cluster) {
            if (cluster.isHeld(acknowledged)) {
                return acknowledged;
            }
            try {
                for (QueueMessage message : settling) {
                    received.remove(message.acquisition());
                    cluster.settle(message, type);
                }
                loop.execute(() -> acknowledged.complete(null));
            } catch (ClientException e) {
                loop.execute(() -> acknowledged.completeExceptionally(e));
            }
            cluster.dispatch();
        }
        return acknowledged;
    }

    @Override
    public CompletableFuture<Void> acknowledge(
            Collection<QueueMessage> messages, AcknowledgeType type, @Nullable String error) {
        if (type == AcknowledgeType.RELEASE) {
            messages.forEach(message -> cluster.noteError(error));
        }
        return acknowledge(messages, type);
    }

    @Override
    public QueueRedelivery redelivery() {
        return cluster.redelivery();
    }

    @Override
    public void onAvailable(Runnable newListener) {
        synchronized (cluster) {
            listener = newListener;
            if (!prefetched.isEmpty()) {
                loop.execute(newListener);
            }
        }
    }

    @Override
    public CompletableFuture<Void> releasePrefetched() {
        synchronized (cluster) {
            List<QueueMessage> given = new ArrayList<>(prefetched);
            prefetched.clear();
            given.forEach(cluster::unacquire);
            cluster.dispatch();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        synchronized (cluster) {
            if (!cluster.remove(this)) {
                return;
            }
            closed = true;
            prefetched.forEach(cluster::unacquire);
            prefetched.clear();
            for (QueueMessage message : received.values()) {
                release(message);
            }
            received.clear();
            cluster.dispatch();
        }
    }

    private void release(QueueMessage message) {
        try {
            cluster.settle(message, AcknowledgeType.RELEASE);
        } catch (ClientException ignored) {
            // It is not acquired any more, which is what was wanted.
        }
    }
}
