package io.millrace.benchmarks.ecosystem;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A producer and a consumer of one partition. The producer sends the next record when the last is acknowledged, from its own thread; the consumer
 * has a thread here.
 */
final class ClientPair {
    private static final int RECORD_BYTES = 100;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    private final String topic;
    private final int partition;
    private final ConnectionsScenario.State state;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread reader;
    /** Owned by the producer's thread once it has begun. */
    private volatile long acknowledged;

    private volatile boolean isSending;
    /** Owned by the reader. */
    private volatile long read;

    private volatile boolean isClosing;

    /** Opens both, and has them find the broker. */
    ClientPair(Target target, String topic, int partition, ConnectionsScenario.State state) {
        this.topic = topic;
        this.partition = partition;
        this.state = state;
        producer = target.producer(Map.of("linger.ms", "0"));
        consumer = target.consumer(Map.of());
        reader = new Thread(this::read, "reader-" + partition);
        reader.setDaemon(true);
        producer.partitionsFor(topic);
        consumer.assign(List.of(new TopicPartition(topic, partition)));
        consumer.position(new TopicPartition(topic, partition));
    }

    void begin() {
        reader.start();
        isSending = true;
        send();
    }

    private void send() {
        byte[] value = new byte[RECORD_BYTES];
        ByteBuffer.wrap(value).putLong(System.nanoTime());
        producer.send(new ProducerRecord<>(topic, partition, null, value), this::onAnswer);
    }

    private void onAnswer(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
        if (failure != null) {
            state.failed(failure);
            return;
        }
        acknowledged = acknowledged + 1;
        if (state.isStopping.get()) {
            isSending = false;
            return;
        }
        try {
            send();
        } catch (KafkaException | IllegalStateException e) {
            state.failed(e);
        }
    }

    private void read() {
        try {
            while (!isClosing) {
                var records = consumer.poll(POLL);
                long now = System.nanoTime();
                boolean isCounting = state.isCounting.get();
                for (ConsumerRecord<byte[], byte[]> each : records) {
                    if (each.offset() != read) {
                        throw new IllegalStateException("offset " + each.offset() + " of partition " + partition
                                + " came where " + read + " was to come");
                    }
                    if (isCounting) {
                        state.latencies.add(now - ByteBuffer.wrap(each.value()).getLong());
                    }
                    read = read + 1;
                }
            }
        } catch (KafkaException | IllegalStateException e) {
            if (!isClosing) {
                state.failed(e);
            }
        }
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Whether the last send is acknowledged and all that was has been read. */
    boolean hasReadAll() {
        return !isSending && read == acknowledged;
    }

    @SuppressWarnings("deprecation") // close(CloseOptions) is there only since 4.1
    void close() throws InterruptedException {
        isClosing = true;
        consumer.wakeup();
        reader.join(CLOSE_MAX.toMillis());
        producer.close(Duration.ZERO);
        consumer.close(CLOSE_MAX);
    }
}
