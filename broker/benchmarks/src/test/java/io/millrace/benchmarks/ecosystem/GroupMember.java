package io.millrace.benchmarks.ecosystem;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * A member of a consumer group with the thread that polls for it. It reads nothing until it is let, and then every record once, in order.
 *
 * <p>The consumer belongs to the thread; the methods may be called by any.
 */
final class GroupMember {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration POSITION_MAX = Duration.ofSeconds(10);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

    private final int id;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Ownership ownership;
    private final Tally tally;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Thread thread;
    private final CountDownLatch isReady = new CountDownLatch(1);
    private volatile boolean isPreparing;
    private volatile boolean isReading;
    private volatile boolean leaves;

    /** Is told of records as they come, by the members' threads. */
    interface Tally {
        void add(int records);
    }

    GroupMember(int id, KafkaConsumer<byte[], byte[]> consumer, Ownership ownership, Tally tally) {
        this.id = id;
        this.consumer = consumer;
        this.ownership = ownership;
        this.tally = tally;
        this.thread = new Thread(this::run, "member-" + id);
        thread.setDaemon(true);
    }

    /** Has it join the group of those who read the topic. */
    void join(String topic) {
        consumer.subscribe(List.of(topic), new Listener());
        thread.start();
    }

    /** Has it find out where to begin, so that reading is all that is left. */
    void prepare() {
        isPreparing = true;
    }

    boolean awaitPrepared(Duration max) throws InterruptedException {
        return isReady.await(max.toNanos(), TimeUnit.NANOSECONDS);
    }

    void read() {
        isReading = true;
        consumer.wakeup();
    }

    /** Has it leave the group, and returns at once. */
    void leave() {
        leaves = true;
        consumer.wakeup();
    }

    void awaitEnd() throws InterruptedException {
        thread.join(CLOSE_MAX.toMillis() * 2);
        if (thread.isAlive()) {
            throw new IllegalStateException("member " + id + " did not end within " + CLOSE_MAX.multipliedBy(2));
        }
    }

    private void run() {
        try {
            while (!leaves) {
                turn();
            }
        } catch (KafkaException | IllegalStateException e) {
            ownership.failed(id, e);
        } finally {
            close();
        }
    }

    private void turn() {
        try {
            if (isPreparing && isReady.getCount() > 0) {
                for (TopicPartition partition : consumer.assignment()) {
                    next.put(partition, consumer.position(partition, POSITION_MAX));
                }
                isReady.countDown();
            }
            if (isReading && !consumer.paused().isEmpty()) {
                consumer.resume(consumer.paused());
            }
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            if (!records.isEmpty()) {
                check(records);
                tally.add(records.count());
            }
        } catch (WakeupException ignored) { // to read, or to leave
        }
    }

    private void check(ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            long expected = next.getOrDefault(partition, -1L);
            for (ConsumerRecord<byte[], byte[]> each : records.records(partition)) {
                if (each.offset() != expected) {
                    throw new IllegalStateException("offset " + each.offset() + " of " + partition + " came where "
                            + expected + " was to come");
                }
                expected++;
            }
            next.put(partition, expected);
        }
    }

    @SuppressWarnings("deprecation") // close(CloseOptions) is there only since 4.1
    private void close() {
        try {
            consumer.close(CLOSE_MAX);
        } catch (KafkaException e) {
            ownership.failed(id, e);
        }
    }

    private final class Listener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            consumer.pause(partitions);
            ownership.gained(id, partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            ownership.lost(id, partitions);
        }
    }
}
