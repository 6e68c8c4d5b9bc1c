package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our own consumers of a queue. */
@Timeout(120)
class QueueTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void everyMessageIsDeliveredToOneConsumer() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createQueue(client, 3, 1);
            produce(client, 0, 300);
            try (var first = consumer(client);
                    var second = consumer(client)) {
                var seen = new HashSet<String>();

                while (seen.size() < 300) {
                    for (QueueConsumer consumer : List.of(first, second)) {
                        QueueMessage message = consumer.receive(Duration.ofMillis(200));
                        if (message != null) {
                            assertThat(seen.add(valueOf(message)))
                                    .as(valueOf(message))
                                    .isTrue();
                            assertThat(message.deliveryCount()).isOne();
                            accept(consumer, message);
                        }
                    }
                }

                assertThat(seen).isEqualTo(values(0, 300));
                assertThat(first.receive(Duration.ofMillis(300))).isNull();
            }
        }
    }

    @Test
    void aMessageThatIsReleasedComesBackMarked() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createQueue(client, 1, 1);
            produce(client, 0, 1);
            try (var consumer = consumer(client)) {
                QueueMessage first = consumer.receive(SOON);

                consumer.acknowledge(List.of(first), AcknowledgeType.RELEASE).get(20, SECONDS);

                QueueMessage again = consumer.receive(SOON);
                assertThat(again.offset()).isEqualTo(first.offset());
                assertThat(again.deliveryCount()).isEqualTo(2);
                accept(consumer, again);
            }
        }
    }

    @Test
    void aMessageThatItsConsumerDeliveredAgainAndAgainComesBackWithThatCount() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createQueue(client, 1, 1);
            produce(client, 0, 1);
            try (var consumer = consumer(client)) {
                QueueMessage first = consumer.receive(SOON);

                consumer.acknowledge(List.of(first.withDeliveryCount(5)), AcknowledgeType.RELEASE)
                        .get(20, SECONDS);

                assertThat(consumer.receive(SOON).deliveryCount()).isEqualTo(6);
            }
        }
    }

    @Test
    void messagesOfAClosedConsumerGoToTheOther() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createQueue(client, 1, 1);
            produce(client, 0, 10);
            var first = consumer(client);
            assertThat(first.receive(SOON)).isNotNull();
            try (var second = consumer(client)) {
                assertThat(second.receive(Duration.ofMillis(300))).isNull();

                first.close();

                assertThat(drain(second, 10)).isEqualTo(values(0, 10));
            }
        }
    }

    @Test
    void whatWasAcknowledgedStaysSoAfterARestart() throws Exception {
        try (var cluster = TestCluster.start(directory, 1)) {
            try (var client = client(cluster)) {
                createQueue(client, 1, 1);
                produce(client, 0, 100);
                try (var consumer = consumer(client)) {
                    for (int i = 0; i < 100; i++) {
                        QueueMessage message = consumer.receive(SOON);
                        if (i % 2 == 0) {
                            accept(consumer, message);
                        }
                    }
                }
            }

            cluster.stop(1);
            cluster.restart(1, 1);

            try (var client = client(cluster);
                    var consumer = consumer(client)) {
                for (int i = 0; i < 50; i++) {
                    QueueMessage message = consumer.receive(SOON);
                    assertThat(message.offset() % 2).isOne();
                    assertThat(message.deliveryCount()).isGreaterThan(1);
                    accept(consumer, message);
                }
                assertThat(consumer.receive(Duration.ofMillis(300))).isNull();
            }
        }
    }

    @Test
    void noMessageAndNoAcknowledgementIsLostWithALeader() throws Exception {
        try (var cluster = TestCluster.start(directory, 3);
                var client = client(cluster)) {
            createQueue(client, 3, 3);
            produce(client, 0, 600);
            var accepted = new HashSet<String>();
            var uncertain =
                    new HashSet<String>(); // the acknowledgement may have been committed, or the message comes again
            try (var consumer = consumer(client)) {
                boolean killed = false;
                while (accepted.size() + uncertain.size() < 600) {
                    QueueMessage message = consumer.receive(SOON);
                    assertThat(message)
                            .as("a message after %s", accepted.size())
                            .isNotNull();
                    settle(consumer, message, accepted, uncertain);
                    if (accepted.size() == 200 && !killed) {
                        cluster.abort(1);
                        killed = true;
                    }
                }
                for (QueueMessage late = consumer.receive(Duration.ofSeconds(2));
                        late != null;
                        late = consumer.receive(Duration.ofSeconds(2))) {
                    settle(consumer, late, accepted, uncertain);
                }
            }
            accepted.addAll(uncertain);
            assertThat(accepted).isEqualTo(values(0, 600));
        }
    }

    private static ClusterClient client(TestCluster cluster) {
        return ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers())
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(60)));
    }

    private static void createQueue(ClusterClient client, int partitions, int replicas) throws Exception {
        client.admin()
                .create("work", DestinationKind.QUEUE, partitions, replicas, Map.of())
                .get(20, SECONDS);
    }

    private static QueueConsumer consumer(ClusterClient client) {
        return client.newQueueConsumer(
                "work", QueueConsumerConfiguration.defaults().withPrefetch(50));
    }

    private static void produce(ClusterClient client, int from, int to) throws Exception {
        try (var producer = client.newProducer(ProducerConfiguration.defaults())) {
            var sent = IntStream.range(from, to)
                    .mapToObj(i -> producer.send(
                            ProducerRecord.of("work", ("value " + i).getBytes(UTF_8), ("value " + i).getBytes(UTF_8))))
                    .toList();
            for (var one : sent) {
                one.get(60, SECONDS);
            }
        }
    }

    private static Set<String> drain(QueueConsumer consumer, int count) throws Exception {
        var values = new HashSet<String>();
        while (values.size() < count) {
            QueueMessage message = consumer.receive(SOON);
            assertThat(message).isNotNull();
            values.add(valueOf(message));
            accept(consumer, message);
        }
        return values;
    }

    private static void accept(QueueConsumer consumer, QueueMessage message) throws Exception {
        consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(20, SECONDS);
    }

    private static void settle(
            QueueConsumer consumer, QueueMessage message, Set<String> accepted, Set<String> uncertain)
            throws Exception {
        assertThat(accepted).doesNotContain(valueOf(message));
        boolean isAccepted = consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT)
                .handle((done, failure) -> failure == null)
                .get(60, SECONDS);
        uncertain.remove(valueOf(message));
        (isAccepted ? accepted : uncertain).add(valueOf(message));
    }

    private static Set<String> values(int from, int to) {
        var values = new HashSet<String>();
        IntStream.range(from, to).forEach(i -> values.add("value " + i));
        return values;
    }

    private static String valueOf(QueueMessage message) {
        return new String(message.value(), UTF_8);
    }
}
