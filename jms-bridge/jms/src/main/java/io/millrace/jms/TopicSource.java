package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerConfiguration.Isolation;
import io.millrace.client.ConsumerConfiguration.StartingPosition;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The records of a topic from now on: a subscription that is not durable and has no state on a broker.
 *
 * <p>The buffer, the delayed records and the failure are guarded by this. The native consumer belongs to the pump thread, which fills the
 * buffer and ends with this source.
 */
final class TopicSource implements MessageSource {
    /** The pump does not poll while more records than this wait to be received. */
    private static final int BUFFER_MAX = 1_000;
    /** How much the native consumer fetches ahead. */
    private static final int FETCH_AHEAD_BYTES = 8 * 1024 * 1024;

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(500);
    /** Or sooner, where the client refreshes its metadata sooner. */
    private static final Duration PARTITIONS_CHECK = Duration.ofSeconds(30);

    private final MillraceTopic topic;
    private final MessageSelector selector;
    private final ClusterClient client;
    private final TopicConsumer consumer;
    private final Bell bell;
    private final Thread pump;
    private final Deque<MessageDecoder.Content> buffer = new ArrayDeque<>();
    private final DelayedTopicRecords delayed = new DelayedTopicRecords();
    private final InstantSource clock = InstantSource.system();
    private @Nullable JMSException failure;
    private boolean closed;
    private final long partitionsCheckNanos;
    private long partitionsCheckedNanos = System.nanoTime();
    private int partitionCount;
    /** Told by the administration's answer, taken over by the pump. */
    private volatile int newPartitions;

    private TopicSource(
            MillraceTopic topic,
            MessageSelector selector,
            ClusterLink link,
            TopicConsumer consumer,
            int partitionCount,
            Bell bell) {
        this.topic = topic;
        this.selector = selector;
        this.client = link.client();
        this.consumer = consumer;
        this.partitionCount = partitionCount;
        this.partitionsCheckNanos = Math.min(
                PARTITIONS_CHECK.toNanos(),
                client.configuration().metadataMaxAge().toNanos());
        this.bell = bell;
        this.pump = Threads.newDaemon("millrace-subscription-" + topic.getName(), this::pump, this::fail);
    }

    /**
     * Subscribes: what is sent after this has returned is received.
     *
     * @param description as the cluster tells it now: a partition that is missing in it counts as added after this, so that all its records are received
     * @param selector what does not match is left out before it takes room in the buffer
     */
    static TopicSource subscribe(
            MillraceTopic topic,
            DestinationDescription description,
            MessageSelector selector,
            ClusterLink link,
            Bell bell)
            throws JMSException {
        ConsumerConfiguration defaults = ConsumerConfiguration.defaults();
        TopicConsumer consumer = link.client()
                .newConsumer(new ConsumerConfiguration(
                        StartingPosition.EARLIEST,
                        defaults.fetchMaxWait(),
                        defaults.fetchMinBytes(),
                        defaults.fetchMaxBytes(),
                        defaults.partitionFetchBytes(),
                        FETCH_AHEAD_BYTES,
                        Isolation.READ_COMMITTED));
        boolean subscribed = false;
        try {
            List<TopicPartition> partitions =
                    partitions(topic, 0, description.partitions().size());
            Map<TopicPartition, Long> endOffsets =
                    Failures.await(consumer.endOffsets(partitions), link.requestTimeout(), "Subscribing to " + topic);
            consumer.assign(partitions);
            endOffsets.forEach(consumer::seek);
            TopicSource source = new TopicSource(topic, selector, link, consumer, partitions.size(), bell);
            source.pump.start();
            subscribed = true;
            return source;
        } finally {
            if (!subscribed) {
                consumer.close();
            }
        }
    }

    private static List<TopicPartition> partitions(MillraceTopic topic, int from, int until) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (int partition = from; partition < until; partition++) {
            partitions.add(new TopicPartition(topic.getName(), partition));
        }
        return partitions;
    }

    private void pump() {
        try {
            while (awaitRoom()) {
                List<MessageDecoder.Content> wanted = selected(consumer.poll(untilDue()));
                if (!wanted.isEmpty()) {
                    add(wanted);
                }
                followNewPartitions();
            }
        } catch (ClientException e) {
            fail(Failures.of("Receiving from " + topic, e));
        } catch (InterruptedException ignored) {
            // Somebody wants the thread to end; it is ours alone, so it does.
        } finally {
            consumer.close();
        }
    }

    private synchronized boolean awaitRoom() throws InterruptedException {
        moveDue();
        while (!closed && (buffer.size() >= BUFFER_MAX || delayed.isFull())) {
            TimeUnit.MILLISECONDS.timedWait(this, untilDue().toMillis());
            moveDue();
        }
        return !closed;
    }

    private void moveDue() {
        if (delayed.moveDue(buffer, clock.millis())) {
            bell.ring();
        }
    }

    private synchronized Duration untilDue() {
        return Duration.ofMillis(delayed.untilDueMs(POLL.toMillis(), clock.millis()));
    }

    private List<MessageDecoder.Content> selected(List<ConsumerRecord> records) {
        List<MessageDecoder.Content> wanted = new ArrayList<>();
        for (ConsumerRecord next : records) {
            MessageDecoder.Content content = MessageDecoder.Content.of(next, 1);
            if (Selectors.matches(selector, content)) {
                wanted.add(content);
            }
        }
        return wanted;
    }

    private void add(List<MessageDecoder.Content> wanted) {
        synchronized (this) {
            delayed.sort(wanted, buffer, clock.millis());
        }
        bell.ring();
    }

    /** Partitions that were added to the topic are read from their beginning, as all of that is new. */
    private void followNewPartitions() {
        if (System.nanoTime() - partitionsCheckedNanos >= partitionsCheckNanos) {
            partitionsCheckedNanos = System.nanoTime();
            client.admin().describe(List.of(topic.getName())).thenAccept(found -> {
                DestinationDescription description = found.get(topic.getName());
                if (description != null) {
                    newPartitions = description.partitions().size();
                }
            });
        }
        int found = newPartitions;
        if (found > partitionCount) {
            partitionCount = found;
            consumer.assign(partitions(topic, 0, found));
        }
    }

    private void fail(JMSException exception) {
        synchronized (this) {
            if (closed) {
                return;
            }
            failure = exception;
        }
        bell.ring();
    }

    @Override
    public synchronized @Nullable Delivery poll() throws JMSException {
        MessageDecoder.Content next = buffer.poll();
        if (next != null) {
            notifyAll();
            return new Delivery(this, next, null);
        }
        if (failure != null) {
            throw failure;
        }
        return null;
    }

    /** A non-durable subscription leaves nothing to settle. */
    @Override
    public CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public MessageSelector selector() {
        return selector;
    }

    @Override
    public boolean isFresh() {
        return false;
    }

    @Override
    public void giveBackUnpolled() {
        // Nobody else waits for them: every subscription has its own copy.
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            buffer.clear();
            notifyAll();
        }
        consumer.wakeup();
        if (Thread.currentThread() != pump) {
            Threads.join(pump, CLOSE_WAIT);
        }
    }
}
