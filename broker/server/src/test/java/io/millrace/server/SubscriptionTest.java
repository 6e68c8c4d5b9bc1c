package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.client.SubscriptionDescription;
import io.millrace.client.SubscriptionWish;
import io.millrace.protocol.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions of topics that brokers keep, and their consumers. */
@Timeout(180)
class SubscriptionTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final SubscriptionWish AUDIT = SubscriptionWish.durable("prices", "shop", "audit");
    private static final SubscriptionWish WORKERS = SubscriptionWish.sharedDurable("prices", "", "workers");

    @TempDir
    private Path directory;

    @Test
    void aSubscriptionGetsWhatIsSentFromItsBeginningOnAlsoWhileItHasNoConsumer() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createTopic(client, 3, 1);
            send(client, 0, 30);
            SubscriptionDescription audit = create(client, AUDIT);
            SubscriptionDescription workers = create(client, WORKERS);
            send(client, 30, 60);

            try (var consumer = consumer(client, audit)) {
                assertThat(drain(consumer, 30)).isEqualTo(values(30, 60));
                assertThat(consumer.receive(Duration.ofMillis(300))).isNull();
            }
            send(client, 60, 70);
            try (var first = consumer(client, workers);
                    var second = consumer(client, workers)) {
                assertThat(drain(List.of(first, second), 40)).isEqualTo(values(30, 70));
            }
            try (var again = consumer(client, audit)) {
                assertThat(drain(again, 10)).isEqualTo(values(60, 70));
            }
            assertThat(unacknowledged(client, AUDIT)).isZero();
        }
    }

    @Test
    void anUnsharedSubscriptionHasOneConsumerAndStaysWhileItHasOne() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createTopic(client, 3, 1);
            SubscriptionDescription audit = create(client, AUDIT);
            var first = consumer(client, audit);
            var second = client.newSubscriptionConsumer(audit, QueueConsumerConfiguration.defaults());

            assertThat(errorOf(second.attached())).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
            assertThat(errorOf(client.admin().subscriptions().delete(audit))).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
            assertThat(errorOf(client.admin().subscriptions().create(AUDIT.selecting("price > 5", false))))
                    .isEqualTo(ErrorCode.NON_EMPTY_GROUP);

            second.close();
            first.close();
            send(client, 0, 5);
            try (var next = consumer(client, create(client, AUDIT.selecting("price > 5", false)))) {
                assertThat(drain(next, 5)).isEqualTo(values(0, 5));
            }
            client.admin().subscriptions().delete(audit).get(20, SECONDS);
            assertThat(client.admin().subscriptions().list(null, null).get(20, SECONDS))
                    .isEmpty();
            var late = client.newSubscriptionConsumer(audit, QueueConsumerConfiguration.defaults());
            assertThatThrownBy(() -> late.receive(SOON))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining("ended");
            late.close();
        }
    }

    @Test
    void aSubscriptionThatIsCreatedAnewHasNothingOfTheFormer() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createTopic(client, 1, 1);
            SubscriptionDescription former = create(client, AUDIT);
            send(client, 0, 10);
            client.admin().subscriptions().delete(former).get(20, SECONDS);

            SubscriptionDescription anew = create(client, AUDIT);
            send(client, 10, 12);

            assertThat(anew.number()).isGreaterThan(former.number());
            try (var consumer = consumer(client, anew)) {
                assertThat(drain(consumer, 2)).isEqualTo(values(10, 12));
            }
        }
    }

    @Test
    void nothingIsLostOrAcknowledgedTwiceWhenLeadersChangeAndBrokersStartAgain() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            try (var client = client(cluster)) {
                createTopic(client, 3, 3);
                send(client, 0, 10);
                SubscriptionDescription audit = create(client, AUDIT);
                send(client, 10, 100);
                try (var consumer = consumer(client, audit)) {
                    Set<String> early = drain(consumer, 40);
                    cluster.abort(1);
                    send(client, 100, 150);

                    Set<String> rest = drain(consumer, 100);

                    var all = new HashSet<>(early);
                    all.addAll(rest);
                    assertThat(all).isEqualTo(values(10, 150));
                }
                cluster.restart(1, 3);
                send(client, 150, 160);
            }
            for (int id = 1; id <= 3; id++) {
                cluster.stop(id);
            }
            for (int id = 1; id <= 3; id++) {
                cluster.restart(id, 3);
            }

            try (var client = client(cluster)) {
                SubscriptionDescription audit = create(client, AUDIT);
                try (var consumer = consumer(client, audit)) {
                    assertThat(drain(consumer, 10)).isEqualTo(values(150, 160));
                    assertThat(consumer.receive(Duration.ofMillis(300))).isNull();
                }
            }
        }
    }

    @Test
    void partitionsThatAreAddedBelongToASubscriptionFromTheirBeginning() throws Exception {
        try (var cluster = TestCluster.start(directory, 1);
                var client = client(cluster)) {
            createTopic(client, 1, 1);
            SubscriptionDescription audit = create(client, AUDIT);
            cluster.admin()
                    .createPartitions(Map.of("prices", org.apache.kafka.clients.admin.NewPartitions.increaseTo(2)))
                    .all()
                    .get(20, SECONDS);
            try (var producer = cluster.producer(Map.of())) {
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(
                                "prices", 1, null, "added".getBytes(UTF_8)))
                        .get(20, SECONDS);
            }

            TestCluster.waitUntil(
                    "it has begun in the new partition",
                    () -> find(client, AUDIT).partitions().size() == 2);
            try (var consumer = consumer(client, audit)) {
                assertThat(drain(consumer, 1)).containsExactly("added");
            }
        }
    }

    @Test
    void whatATransactionHasAbortedBelongsToNobody() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, Map.of("transaction.state.log.replication.factor", "1"));
                var client = client(cluster)) {
            createTopic(client, 1, 1);
            SubscriptionDescription audit = create(client, AUDIT);
            try (KafkaProducer<byte[], byte[]> producer = cluster.producer(Map.of("transactional.id", "till"))) {
                producer.initTransactions();
                transaction(producer, "aborted-1", "aborted-2");
                producer.abortTransaction();
                transaction(producer, "committed");
                producer.commitTransaction();
            }
            send(client, 0, 1);

            try (var consumer = consumer(client, audit)) {
                assertThat(drain(consumer, 2)).containsExactlyInAnyOrder("committed", "0");
            }
        }
    }

    @Test
    void retentionKeepsWhatASubscriptionHasNotAcknowledged() throws Exception {
        var often = Map.of("log.retention.check.interval.ms", "100", "log.segment.bytes", "2000");
        try (var cluster = TestCluster.start(directory, 1, often);
                var client = client(cluster)) {
            client.admin()
                    .create("prices", DestinationKind.TOPIC, 1, 1, Map.of("retention.ms", "1", "segment.bytes", "2000"))
                    .get(20, SECONDS);
            SubscriptionDescription audit = create(client, AUDIT);
            for (int i = 0; i < 100; i++) {
                send(client, i, i + 1);
            }

            try (var consumer = consumer(client, audit)) {
                assertThat(drain(consumer, 100)).isEqualTo(values(0, 100));
            }
            TestCluster.waitUntil(
                    "what is acknowledged goes by the topic's retention",
                    () -> cluster.admin()
                                    .listOffsets(Map.of(
                                            new org.apache.kafka.common.TopicPartition("prices", 0),
                                            org.apache.kafka.clients.admin.OffsetSpec.earliest()))
                                    .all()
                                    .get(20, SECONDS)
                                    .values()
                                    .iterator()
                                    .next()
                                    .offset()
                            > 0);
        }
    }

    private static void transaction(KafkaProducer<byte[], byte[]> producer, String... values) throws Exception {
        producer.beginTransaction();
        for (String value : values) {
            producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>("prices", value.getBytes(UTF_8)))
                    .get(20, SECONDS);
        }
    }

    private static ClusterClient client(TestCluster cluster) {
        return ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers()));
    }

    private static void createTopic(ClusterClient client, int partitions, int replicas) throws Exception {
        client.admin()
                .create("prices", DestinationKind.TOPIC, partitions, replicas, Map.of())
                .get(20, SECONDS);
    }

    private static SubscriptionDescription create(ClusterClient client, SubscriptionWish wanted) throws Exception {
        return client.admin().subscriptions().create(wanted).get(40, SECONDS);
    }

    private static SubscriptionDescription find(ClusterClient client, SubscriptionWish wanted) throws Exception {
        return client.admin()
                .subscriptions()
                .find(wanted.clientId(), wanted.name(), wanted.isDurable())
                .get(20, SECONDS)
                .orElseThrow();
    }

    private static long unacknowledged(ClusterClient client, SubscriptionWish wanted) throws Exception {
        return find(client, wanted).unacknowledged();
    }

    private static QueueConsumer consumer(ClusterClient client, SubscriptionDescription subscription) throws Exception {
        QueueConsumer consumer = client.newSubscriptionConsumer(subscription, QueueConsumerConfiguration.defaults());
        consumer.attached().get(20, SECONDS);
        return consumer;
    }

    private static ErrorCode errorOf(CompletableFuture<?> refused) throws Exception {
        try {
            refused.get(20, SECONDS);
            return ErrorCode.NONE;
        } catch (ExecutionException e) {
            return ((ClientException) e.getCause()).errorCode();
        }
    }

    private static void send(ClusterClient client, int from, int to) throws Exception {
        try (var producer = client.newProducer(ProducerConfiguration.defaults())) {
            var sent = new ArrayList<CompletableFuture<?>>();
            for (int i = from; i < to; i++) {
                byte[] value = Integer.toString(i).getBytes(UTF_8);
                sent.add(producer.send(ProducerRecord.of("prices", value, value)));
            }
            CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new)).get(40, SECONDS);
        }
    }

    private static Set<String> values(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).collect(java.util.stream.Collectors.toSet());
    }

    private static Set<String> drain(QueueConsumer consumer, int count) throws Exception {
        return drain(List.of(consumer), count);
    }

    /** Receives and acknowledges so many different messages, each once. */
    private static Set<String> drain(List<QueueConsumer> consumers, int count) throws Exception {
        var seen = new HashSet<String>();
        long deadlineNanos = System.nanoTime() + SECONDS.toNanos(60);
        while (seen.size() < count) {
            assertThat(System.nanoTime())
                    .as("%s of %s came in time", seen, count)
                    .isLessThan(deadlineNanos);
            for (QueueConsumer consumer : consumers) {
                QueueMessage message = consumer.receive(Duration.ofMillis(100));
                if (message != null && isAcknowledged(consumer, message)) {
                    assertThat(seen.add(new String(message.value(), UTF_8)))
                            .as("%s is acknowledged once", message)
                            .isTrue();
                }
            }
        }
        return seen;
    }

    /** Fails where the leader it was acquired from is gone: it comes again. */
    private static boolean isAcknowledged(QueueConsumer consumer, QueueMessage message) throws Exception {
        try {
            consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(20, SECONDS);
            return true;
        } catch (ExecutionException e) {
            assertThat(((ClientException) e.getCause()).errorCode()).isEqualTo(ErrorCode.INVALID_RECORD_STATE);
            return false;
        }
    }
}
