package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An unmodified, idempotent Kafka producer that sends numbered values until it is stopped, and remembers what was
 * acknowledged, where, and how long the longest time between two acknowledgements was.
 */
final class ProducerLoad implements AutoCloseable {
    private static final int IN_FLIGHT_MAX = 500;
    private static final Duration UNWELCOME_PAUSE = Duration.ofMillis(2);
    private static final Duration RECORDS_PAUSE = Duration.ofNanos(200_000);

    private final String name;
    private final String topic;
    private final int partitions;
    private final BooleanSupplier isWelcome;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Map<String, RecordMetadata> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Exception> failed = new ConcurrentHashMap<>();
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
    private final LongestGap gap = new LongestGap();
    private final Thread thread;
    private volatile boolean isStopped;

    private ProducerLoad(
            String name, String bootstrapServers, String topic, int partitions, BooleanSupplier isWelcome) {
        this.name = name;
        this.topic = topic;
        this.partitions = partitions;
        this.isWelcome = isWelcome;
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("client.id", name);
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("delivery.timeout.ms", 120_000);
        settings.put("request.timeout.ms", 10_000);
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        this.thread = new Thread(this::run, name);
    }

    static ProducerLoad start(String name, String bootstrapServers, String topic, int partitions) {
        return start(name, bootstrapServers, topic, partitions, () -> true);
    }

    /** The same, pausing while another record would not be welcome. */
    static ProducerLoad start(
            String name, String bootstrapServers, String topic, int partitions, BooleanSupplier isWelcome) {
        var load = new ProducerLoad(name, bootstrapServers, topic, partitions, isWelcome);
        load.gap.restart();
        load.thread.start();
        return load;
    }

    private void run() {
        long number = 0;
        while (!isStopped) {
            if (!isWelcome.getAsBoolean()) {
                LockSupport.parkNanos(UNWELCOME_PAUSE.toNanos());
                continue;
            }
            inFlight.acquireUninterruptibly();
            String value = name + ":" + number;
            producer.send(
                    new ProducerRecord<>(topic, (int) (number % partitions), null, value.getBytes(UTF_8)),
                    (metadata, failure) -> {
                        inFlight.release();
                        onAnswer(value, metadata, failure);
                    });
            number++;
            LockSupport.parkNanos(RECORDS_PAUSE.toNanos());
        }
    }

    private void onAnswer(String value, RecordMetadata metadata, Exception failure) {
        if (failure != null) {
            failed.put(value, failure);
            return;
        }
        acknowledged.put(value, metadata);
        gap.onAcknowledged();
    }

    long acknowledgedCount() {
        return acknowledged.size();
    }

    /** Where each acknowledged value is. */
    Map<String, RecordMetadata> acknowledged() {
        return acknowledged;
    }

    Map<String, Exception> failed() {
        return failed;
    }

    Duration longestGap() {
        return gap.longest();
    }

    /** Forgets the longest gap so far. */
    void restartGap() {
        gap.restart();
    }

    /** Stops sending and waits for what is under way. */
    @Override
    public void close() {
        isStopped = true;
        try {
            thread.join(30_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ofSeconds(130));
    }
}
