package io.millrace.faults;

import io.millrace.client.ClusterClient;
import io.millrace.client.Producer;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Idempotent producers with acks=all: ours, and the one of the Kafka client. */
final class Senders {
    private static final int DELIVERY_MAX_MS = 60_000;

    private Senders() {}

    static Sender ours(ClusterClient client, String destination) {
        Producer producer = client.newProducer(ProducerConfiguration.defaults());
        return new Sender() {
            @Override
            public void send(int partition, byte[] value, BiConsumer<Long, Throwable> whenDone) {
                producer.send(new ProducerRecord(destination, partition, null, null, value, List.of()))
                        .whenComplete((metadata, failure) ->
                                whenDone.accept(metadata == null ? null : metadata.offset(), failure));
            }

            @Override
            public void close(Duration timeout) {
                producer.close(timeout);
            }
        };
    }

    static Sender kafka(String bootstrapServers, String destination) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("delivery.timeout.ms", DELIVERY_MAX_MS);
        settings.put("request.timeout.ms", 10_000);
        var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        return new Sender() {
            @Override
            public void send(int partition, byte[] value, BiConsumer<Long, Throwable> whenDone) {
                producer.send(
                        new org.apache.kafka.clients.producer.ProducerRecord<>(destination, partition, null, value),
                        (metadata, failure) -> whenDone.accept(failure == null ? metadata.offset() : null, failure));
            }

            @Override
            public void close(Duration timeout) {
                producer.close(timeout);
            }
        };
    }
}
