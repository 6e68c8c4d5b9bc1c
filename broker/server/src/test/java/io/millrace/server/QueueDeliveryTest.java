package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.record.RecordHeader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When messages of a queue arrive at our own consumers, at which and in which order, over the network. */
@Timeout(120)
class QueueDeliveryTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration NOT = Duration.ofMillis(300);

    @TempDir
    private Path directory;

    @Test
    void priorityDelayAndExpirationAreHeeded() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createQueue(client);
            long nowMs = System.currentTimeMillis();
            long dueMs = nowMs + 2_000;
            produce(client, "late", null, Map.of("JMSDeliveryTime", Long.toString(dueMs), "JMSPriority", "9"));
            produce(client, "expired", null, Map.of("JMSExpiration", Long.toString(nowMs - 1)));
            produce(client, "low", null, Map.of("JMSPriority", "1"));
            produce(client, "plain", null, Map.of());
            produce(client, "high", null, Map.of("JMSPriority", "8"));

            try (var consumer = consumer(client, 100)) {
                assertThat(valueOf(consumer.receive(SOON))).isEqualTo("high");
                assertThat(valueOf(consumer.receive(SOON))).isEqualTo("plain");
                assertThat(valueOf(consumer.receive(SOON))).isEqualTo("low");
                assertThat(valueOf(consumer.receive(SOON))).isEqualTo("late");
                assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(dueMs);
                assertThat(consumer.receive(NOT)).isNull();
            }
        }
    }

    @Test
    void aGroupIsAtOneConsumerWhileItHasMessagesInFlight() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createQueue(client);
            for (int i = 1; i <= 2; i++) {
                produce(client, "x" + i, "x", Map.of());
            }

            try (var ann = consumer(client, 1)) {
                assertThat(valueOf(ann.receive(SOON))).isEqualTo("x1");
                QueueMessage second = ann.receive(SOON);
                assertThat(valueOf(second)).isEqualTo("x2");
                try (var ben = consumer(client, 10)) {
                    produce(client, "x3", "x", Map.of());
                    produce(client, "z", "z", Map.of());
                    assertThat(valueOf(ben.receive(SOON))).isEqualTo("z");
                    assertThat(ben.receive(NOT)).isNull();
                    assertThat(valueOf(ann.receive(SOON))).isEqualTo("x3");
                    ann.acknowledge(List.of(second), AcknowledgeType.ACCEPT).get(20, TimeUnit.SECONDS);
                }
            }
        }
    }

    private static ClusterClient client(TestCluster cluster) {
        return ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(60)));
    }

    private static void createQueue(ClusterClient client) throws Exception {
        client.admin().create("orders", DestinationKind.QUEUE, 1, 1, Map.of()).get(20, TimeUnit.SECONDS);
    }

    private static void produce(ClusterClient client, String value, @Nullable String key, Map<String, String> headers)
            throws Exception {
        List<RecordHeader> recordHeaders = headers.entrySet().stream()
                .map(header ->
                        new RecordHeader(header.getKey(), header.getValue().getBytes(UTF_8)))
                .toList();
        try (var producer = client.newProducer(ProducerConfiguration.defaults())) {
            producer.send(new ProducerRecord(
                            "orders",
                            0,
                            System.currentTimeMillis(),
                            key == null ? null : key.getBytes(UTF_8),
                            value.getBytes(UTF_8),
                            recordHeaders))
                    .get(20, TimeUnit.SECONDS);
        }
    }

    private static QueueConsumer consumer(ClusterClient client, int prefetch) {
        return client.newQueueConsumer(
                "orders", QueueConsumerConfiguration.defaults().withPrefetch(prefetch));
    }

    private static @Nullable String valueOf(@Nullable QueueMessage message) {
        return message == null ? null : new String(message.value(), UTF_8);
    }
}
