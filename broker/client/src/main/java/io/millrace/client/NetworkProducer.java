package io.millrace.client;

import io.millrace.client.PartitionQueue.Entry;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.RecordHeader;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Adds records to the batches of their partitions and lets a {@link ProduceSender} carry them away.
 *
 * <p>Safe for use by any thread. Whatever completes, completes on the loop of the sender.
 */
final class NetworkProducer implements Producer {
    /** Above what one record takes in a batch besides its key, value and headers. */
    private static final int RECORD_OVERHEAD_BYTES = 36;

    private static final int HEADER_OVERHEAD_BYTES = 10;
    private static final int UTF8_BYTES_MAX = 3;

    /** How long a topic may be missing, since a new one is not visible everywhere at once. */
    private static final Duration MISSING_TOPIC_MAX = Duration.ofSeconds(10);

    private static final Duration CLOSING_MAX = Duration.ofSeconds(5);

    private final ClientContext context;
    private final ProducerConfiguration configuration;
    private final EventLoop loop;
    private final BufferBudget budget;
    private final ProduceSender sender;
    private final Consumer<NetworkProducer> onClosed;
    private final Map<String, ProducerTopic> topics = new ConcurrentHashMap<>();
    private final Runnable onMetadata = this::onMetadata;
    private volatile boolean closed;

    NetworkProducer(ClientContext context, ProducerConfiguration configuration, Consumer<NetworkProducer> onClosed) {
        if (configuration.bufferBytes() < configuration.requestBytesMax()) {
            throw new IllegalArgumentException("buffer.memory is " + configuration.bufferBytes()
                    + "; it must be at least max.request.size, which is " + configuration.requestBytesMax());
        }
        this.context = context;
        this.configuration = configuration;
        this.onClosed = onClosed;
        this.loop = context.loops().next();
        this.budget = new BufferBudget(configuration.bufferBytes());
        this.sender = new ProduceSender(loop, context, configuration, budget);
        context.metadata().listen(onMetadata);
    }

    @Override
    public CompletableFuture<RecordMetadata> send(ProducerRecord record) {
        int bytes = checkedSize(record);
        refuseIfClosed();
        reserve(bytes, record);
        boolean taken = false;
        try {
            refuseIfClosed();
            Long timestampMs = record.timestampMs();
            var entry = new Entry(
                    record,
                    timestampMs == null ? context.clock().millis() : timestampMs,
                    bytes,
                    new CompletableFuture<>());
            ProducerTopic topic = topic(record.topic());
            boolean isRouted = topic.send(entry, System.nanoTime());
            taken = true;
            if (!isRouted) {
                refuseMisrouted(topic, List.of(entry));
            }
            return entry.metadata();
        } finally {
            if (!taken) {
                budget.giveBack(bytes);
            }
        }
    }

    private int checkedSize(ProducerRecord record) {
        byte[] key = record.key();
        byte[] value = record.value();
        long bytes = RECORD_OVERHEAD_BYTES + (key == null ? 0L : key.length) + (value == null ? 0L : value.length);
        for (RecordHeader header : record.headers()) {
            byte[] headerValue = header.value();
            bytes += HEADER_OVERHEAD_BYTES
                    + (long) UTF8_BYTES_MAX * header.key().length()
                    + (headerValue == null ? 0 : headerValue.length);
        }
        if (bytes > configuration.requestBytesMax()) {
            throw new ClientException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "A record for \"" + record.topic() + "\" takes " + bytes + " bytes; max.request.size allows "
                            + configuration.requestBytesMax());
        }
        return (int) bytes;
    }

    private void refuseIfClosed() {
        if (closed) {
            throw closedException();
        }
    }

    private static ClientException closedException() {
        return new ClientException(ErrorCode.INVALID_REQUEST, "The producer is closed");
    }

    private void reserve(int bytes, ProducerRecord record) {
        if (budget.tryTake(bytes)) {
            return;
        }
        // A loop that waited here would wait for itself: it is what empties the buffer.
        Duration patience = context.loops().isInLoop() ? Duration.ZERO : configuration.maxBlock();
        try {
            if (!budget.take(bytes, patience)) {
                throw new ClientException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        "The producer's buffer (buffer.memory, " + configuration.bufferBytes()
                                + " bytes) had no room for "
                                + bytes + " bytes for \"" + record.topic() + "\" within " + patience.toMillis()
                                + " ms (max.block.ms): records come faster than brokers store them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(
                    ErrorCode.REQUEST_TIMED_OUT, "Interrupted while waiting for room in the producer's buffer", e);
        }
    }

    private ProducerTopic topic(String name) {
        ProducerTopic topic = topics.get(name);
        return topic != null ? topic : topics.computeIfAbsent(name, this::newTopic);
    }

    private ProducerTopic newTopic(String name) {
        var topic = new ProducerTopic(name, context.metadata(), configuration, sender);
        var known = context.metadata().known(name);
        if (known != null && !known.partitions().isEmpty()) {
            topic.learn(known.partitions().size(), System.nanoTime());
        } else {
            discover(topic, System.nanoTime());
        }
        return topic;
    }

    /** Asks for a topic until it is there or its records have waited too long. */
    private void discover(ProducerTopic topic, long sinceNanos) {
        context.metadata().refresh(topic.name()).whenComplete((found, failure) -> {
            int partitionCount = found == null
                    ? 0
                    : found.map(destination -> destination.partitions().size()).orElse(0);
            long waitedNanos = System.nanoTime() - sinceNanos;
            if (partitionCount > 0) {
                refuseMisrouted(topic, topic.learn(partitionCount, System.nanoTime()));
            } else if (closed || waitedNanos >= patience(failure).toNanos()) {
                giveUp(topic, failure, waitedNanos);
            } else {
                loop.schedule(
                        () -> discover(topic, sinceNanos),
                        context.configuration().reconnectBackoff().toNanos(),
                        TimeUnit.NANOSECONDS);
            }
        });
    }

    private Duration patience(@Nullable Throwable failure) {
        Duration delivery = context.configuration().deliveryTimeout();
        boolean isMissing = failure == null;
        return isMissing && MISSING_TOPIC_MAX.compareTo(delivery) < 0 ? MISSING_TOPIC_MAX : delivery;
    }

    private void refuseMisrouted(ProducerTopic topic, List<Entry> refused) {
        refused.forEach(entry -> fail(
                entry,
                new ClientException(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        "\"" + topic.name() + "\" has no partition "
                                + entry.record().partition() + "; it has 0 to " + (topic.partitionCount() - 1))));
    }

    private void giveUp(ProducerTopic topic, @Nullable Throwable failure, long waitedNanos) {
        topics.remove(topic.name(), topic); // the next record asks anew
        long waitedMs = TimeUnit.NANOSECONDS.toMillis(waitedNanos);
        var why = failure == null
                ? new ClientException(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                        "There is no destination \"" + topic.name() + "\" (asked for " + waitedMs
                                + " ms); create it first")
                : new ClientException(
                        ErrorCode.REQUEST_TIMED_OUT,
                        "Where \"" + topic.name() + "\" is could not be learnt within " + waitedMs + " ms: "
                                + Failures.messageOf(failure));
        topic.removeUnrouted().forEach(entry -> fail(entry, why));
    }

    private void fail(Entry entry, ClientException why) {
        budget.giveBack(entry.bytes());
        entry.metadata().completeExceptionally(why);
    }

    /** Follows topics that have grown. */
    private void onMetadata() {
        for (ProducerTopic topic : topics.values()) {
            var known = topic.isKnown() ? context.metadata().known(topic.name()) : null;
            if (known != null) {
                topic.learn(known.partitions().size(), System.nanoTime());
            }
        }
    }

    @Override
    public CompletableFuture<Void> flush() {
        var open = new ArrayList<CompletableFuture<?>>();
        topics.values().forEach(topic -> open.addAll(topic.flush()));
        return CompletableFuture.allOf(open.stream()
                .map(future -> future.handle((ignored, failure) -> null))
                .toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public void close(Duration timeout) {
        if (closed) {
            return;
        }
        closed = true;
        CompletableFuture<Void> flushed = flush();
        if (!context.loops().isInLoop()) {
            await(flushed, timeout);
        }
        var ended = new CompletableFuture<Void>();
        if (!Loops.run(loop, () -> end(ended))) {
            ended.complete(null);
        }
        if (!context.loops().isInLoop()) {
            await(ended, CLOSING_MAX);
        }
        onClosed.accept(this);
    }

    private void end(CompletableFuture<Void> ended) {
        context.metadata().unlisten(onMetadata);
        var why = new ClientException(
                ErrorCode.NETWORK_EXCEPTION, "The producer was closed before the record was stored");
        topics.values().forEach(topic -> topic.removeUnrouted().forEach(entry -> fail(entry, why)));
        sender.close(why);
        ended.complete(null);
    }

    private static void await(CompletableFuture<Void> future, Duration timeout) {
        try {
            future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException ignored) {
            // What is left fails next, and tells those who wait for it.
        }
    }
}
