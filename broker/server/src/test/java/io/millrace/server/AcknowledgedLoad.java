package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends numbers with acks=all to partition 0 of a topic until it is stopped, and notes what was acknowledged and the longest gap without that. */
final class AcknowledgedLoad implements AutoCloseable {
    private static final long PAUSE_NANOS = 2_000_000;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final Thread thread = new Thread(this::run, "test-load");
    private final Queue<Integer> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
    private final AtomicLong longestGapNanos = new AtomicLong();
    private volatile boolean isStopping;

    private AcknowledgedLoad(KafkaProducer<byte[], byte[]> producer, String topic) {
        this.producer = producer;
        this.topic = topic;
    }

    static AcknowledgedLoad on(TestCluster cluster, String topic) {
        var load = new AcknowledgedLoad(
                cluster.producer(Map.of(
                        "acks", "all", "delivery.timeout.ms", "60000", "request.timeout.ms", "5000", "linger.ms", "0")),
                topic);
        load.thread.start();
        return load;
    }

    private void run() {
        for (int number = 0; !isStopping; number++) {
            int sent = number;
            var value = ByteBuffer.allocate(Integer.BYTES).putInt(sent).array();
            producer.send(new ProducerRecord<>(topic, 0, null, value), (metadata, failure) -> {
                if (failure == null) {
                    acknowledged.add(sent);
                    long now = System.nanoTime();
                    long gap = now - lastNanos.getAndSet(now);
                    longestGapNanos.accumulateAndGet(gap, Math::max);
                } else {
                    failures.add(sent + ": " + failure);
                }
            });
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    /** The longest time without an acknowledgement since this was asked last. */
    long longestGapMs() {
        return TimeUnit.NANOSECONDS.toMillis(longestGapNanos.getAndSet(0));
    }

    /** Ends the load; each number must have been acknowledged, and each must be in the topic once, in order. */
    void stopAndCheck(TestCluster cluster) throws Exception {
        close();
        producer.flush();
        assertThat(failures).isEmpty();
        List<Integer> kept = cluster.readAll(topic, 1, acknowledged.size()).stream()
                .map(record -> ByteBuffer.wrap(record.value()).getInt())
                .toList();
        assertThat(kept).containsExactlyElementsOf(acknowledged);
    }

    @Override
    public void close() throws InterruptedException {
        isStopping = true;
        thread.join(TimeUnit.SECONDS.toMillis(70));
    }
}
