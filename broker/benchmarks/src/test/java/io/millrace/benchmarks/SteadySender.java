package io.millrace.benchmarks;

import io.millrace.testkit.Wait;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends to the partitions of a topic in turn, at a steady rate, with acks=all and the client's defaults, and notes the longest time between two
 * acknowledgements of one partition.
 *
 * <p>One thread sends; acknowledgements come on the client's thread; figures may be asked from any.
 */
final class SteadySender implements AutoCloseable {
    private static final int SENDS_PER_SECOND_AND_PARTITION = 100;
    private static final int VALUE_BYTES = 100;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
    private static final long SETTLE_NANOS = Duration.ofSeconds(3).toNanos();

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final Thread thread;
    /** When the last acknowledged record of each partition was sent, and acknowledged; 0: none was. */
    private final AtomicLongArray lastSent;

    private final AtomicLongArray lastAcknowledged;
    private final AtomicLongArray longestGaps;
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean ends;

    SteadySender(String bootstrapServers, String topic, int partitions) {
        this.topic = topic;
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "acks", "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        lastSent = new AtomicLongArray(partitions);
        lastAcknowledged = new AtomicLongArray(partitions);
        longestGaps = new AtomicLongArray(partitions);
        thread = new Thread(this::run, "steady-sender");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        int partitions = lastSent.length();
        long pauseNanos = 1_000_000_000L / SENDS_PER_SECOND_AND_PARTITION / partitions;
        long due = System.nanoTime();
        for (int i = 0; !ends; i = (i + 1) % partitions) {
            send(i);
            due += pauseNanos;
            long now = System.nanoTime();
            if (now < due) {
                LockSupport.parkNanos(due - now);
            }
        }
    }

    private void send(int partition) {
        long sent = System.nanoTime();
        producer.send(new ProducerRecord<>(topic, partition, null, new byte[VALUE_BYTES]), (metadata, failure) -> {
            if (failure == null) {
                onAcknowledged(partition, sent);
            } else {
                failures.incrementAndGet();
            }
        });
    }

    private void onAcknowledged(int partition, long sent) {
        long now = System.nanoTime();
        long before = lastAcknowledged.getAndSet(partition, now);
        lastSent.set(partition, sent);
        if (before != 0) {
            longestGaps.accumulateAndGet(partition, now - before, Math::max);
        }
    }

    /** Forgets the gaps so far. */
    void forgetGaps() {
        for (int i = 0; i < longestGaps.length(); i++) {
            longestGaps.set(i, 0);
        }
    }

    /** Waits until every partition has acknowledged a record that was sent from now on, and a few seconds more. */
    void awaitAcknowledgements(Duration timeout) {
        for (long settled = 0; settled <= SETTLE_NANOS; settled += SETTLE_NANOS) {
            long from = System.nanoTime() + settled;
            Wait.until("every partition of " + topic + " acknowledges records", timeout, () -> {
                boolean all = true;
                for (int i = 0; i < lastSent.length(); i++) {
                    all &= lastSent.get(i) != 0 && lastSent.get(i) - from > 0;
                }
                return all;
            });
        }
    }

    double longestGapMs() {
        long longest = 0;
        for (int i = 0; i < longestGaps.length(); i++) {
            longest = Math.max(longest, longestGaps.get(i));
        }
        return longest / 1e6;
    }

    /** How many sends have failed for good. */
    long failures() {
        return failures.get();
    }

    @Override
    public void close() {
        ends = true;
        try {
            thread.join(CLOSE_MAX.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(CLOSE_MAX);
    }
}
