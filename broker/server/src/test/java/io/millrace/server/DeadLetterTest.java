package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConfigurationAdmin.Subject;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.client.QueueRedelivery;
import io.millrace.client.SubscriptionDescription;
import io.millrace.client.SubscriptionWish;
import io.millrace.record.RecordHeader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters of queues and subscriptions in brokers of one process. */
@Timeout(180)
class DeadLetterTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration NOT = Duration.ofMillis(300);

    @TempDir
    private Path directory;

    @Test
    void aMessageThatIsReleasedTooOftenGoesToAQueueThatIsMadeForIt() throws Exception {
        try (var cluster = TestCluster.start(directory, 2);
                var client = client(cluster)) {
            create(client, "orders", DestinationKind.QUEUE, Map.of("max.deliveries", "2"));
            send(client, "orders", "poison");
            try (var consumer = consumer(client, "orders")) {
                release(consumer, 1, "first");
                assertThat(consumer.redelivery()).isEqualTo(new QueueRedelivery(2, Duration.ZERO));
                release(consumer, 2, "second");
                assertThat(consumer.receive(NOT)).isNull();
            }

            try (var dead = consumer(client, "DLQ.orders")) {
                QueueMessage letter = Objects.requireNonNull(dead.receive(SOON));
                assertThat(letter.value()).isEqualTo("poison".getBytes(UTF_8));
                assertThat(headers(letter))
                        .containsEntry("JMS_Millrace_Dead_Destination", "orders")
                        .containsEntry("JMS_Millrace_Dead_Deliveries", "2")
                        .containsEntry("JMS_Millrace_Dead_Error", "second")
                        .doesNotContainKey("JMS_Millrace_Dead_Subscription");
                assertThat(dead.redelivery()).isEqualTo(QueueRedelivery.UNLIMITED);
                dead.acknowledge(List.of(letter), AcknowledgeType.REJECT).get(20, SECONDS);
                assertThat(dead.receive(NOT)).isNull();
            }
            DestinationDescription made = client.admin()
                    .describe(List.of("DLQ.orders"))
                    .get(20, SECONDS)
                    .get("DLQ.orders");
            assertThat(made.kind()).isEqualTo(DestinationKind.QUEUE);
            assertThat(made.configuration()).containsEntry("max.deliveries", "0");
        }
    }

    @Test
    void aSubscriptionsDeadLetterNamesItAndLeavesTheMessageToTheOthers() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            create(client, "prices", DestinationKind.TOPIC, Map.of("dead.letter.queue", "unwanted"));
            SubscriptionDescription audit = client.admin()
                    .subscriptions()
                    .create(SubscriptionWish.durable("prices", "shop", "audit"))
                    .get(20, SECONDS);
            SubscriptionDescription workers = client.admin()
                    .subscriptions()
                    .create(SubscriptionWish.sharedDurable("prices", "", "workers"))
                    .get(20, SECONDS);
            send(client, "prices", "odd");

            try (var consumer = client.newSubscriptionConsumer(audit, QueueConsumerConfiguration.defaults())) {
                QueueMessage odd = Objects.requireNonNull(consumer.receive(SOON));
                consumer.acknowledge(List.of(odd), AcknowledgeType.REJECT, "no price")
                        .get(20, SECONDS);
            }

            try (var dead = consumer(client, "unwanted")) {
                assertThat(headers(Objects.requireNonNull(dead.receive(SOON))))
                        .containsEntry("JMS_Millrace_Dead_Subscription", "shop:audit")
                        .containsEntry("JMS_Millrace_Dead_Cause", "rejected")
                        .containsEntry("JMS_Millrace_Dead_Error", "no price");
            }
            try (var consumer = client.newSubscriptionConsumer(workers, QueueConsumerConfiguration.defaults())) {
                assertThat(consumer.receive(SOON)).isNotNull();
            }
        }
    }

    @Test
    void aChangedConfigurationHoldsFromTheNextFailureOn() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            create(client, "orders", DestinationKind.QUEUE, Map.of());
            send(client, "orders", "poison");
            try (var consumer = consumer(client, "orders")) {
                release(consumer, 1, "first");
                client.admin()
                        .configurations()
                        .change(new Subject.Topic("orders"), Map.of("max.deliveries", "2"), Set.of(), false)
                        .get(20, SECONDS);
                release(consumer, 2, "second");
            }

            try (var dead = consumer(client, "DLQ.orders")) {
                assertThat(dead.receive(SOON)).isNotNull();
            }
        }
    }

    @Test
    void anImpossibleDeadLetterQueueIsRefused() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            assertThatThrownBy(() ->
                            create(client, "orders", DestinationKind.QUEUE, Map.of("dead.letter.queue", "no good")))
                    .hasMessageContainingAll("dead.letter.queue=no good", "letters, digits");
            assertThatThrownBy(() -> create(client, "orders", DestinationKind.QUEUE, Map.of("max.deliveries", "-1")))
                    .hasMessageContaining("max.deliveries=-1");
        }
    }

    private static void release(QueueConsumer consumer, int deliveryCount, String error) throws Exception {
        QueueMessage message = Objects.requireNonNull(consumer.receive(SOON));
        assertThat(message.deliveryCount()).isEqualTo(deliveryCount);
        consumer.acknowledge(List.of(message), AcknowledgeType.RELEASE, error).get(20, SECONDS);
    }

    private static Map<String, String> headers(QueueMessage message) {
        var headers = new HashMap<String, String>();
        for (RecordHeader header : message.headers()) {
            headers.put(header.key(), new String(header.value(), UTF_8));
        }
        return headers;
    }

    private static ClusterClient client(TestCluster cluster) {
        return ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(60)));
    }

    private static void create(
            ClusterClient client, String name, DestinationKind kind, Map<String, String> configuration)
            throws Exception {
        client.admin().create(name, kind, 1, 1, configuration).get(20, SECONDS);
    }

    private static void send(ClusterClient client, String destination, String value) throws Exception {
        try (var producer = client.newProducer(ProducerConfiguration.defaults())) {
            producer.send(ProducerRecord.of(destination, null, value.getBytes(UTF_8)))
                    .get(20, SECONDS);
        }
    }

    private static QueueConsumer consumer(ClusterClient client, String queue) {
        return client.newQueueConsumer(
                queue, QueueConsumerConfiguration.defaults().withPrefetch(1));
    }
}
