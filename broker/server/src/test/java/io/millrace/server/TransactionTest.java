package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own transactional producers, with an epoch for each transaction (version 2) and as they were before Kafka 4 (version 0). */
@Timeout(90)
class TransactionTest {
    private static final int PARTITIONS = 2;
    private static final AtomicInteger TESTS = new AtomicInteger();
    private static final Map<String, TestCluster> SHARED = new HashMap<>(); // by the version of transactions

    @TempDir
    private static Path sharedDirectory;

    private final String topic = "orders-" + TESTS.incrementAndGet();
    private final String transactionalId = "of-" + topic;

    @TempDir
    private Path directory;

    @AfterAll
    static void stop() throws Exception {
        for (TestCluster cluster : SHARED.values()) {
            cluster.close();
        }
        SHARED.clear();
    }

    private static TestCluster start(Path directory, int brokers, String version) throws Exception {
        return TestCluster.start(
                directory, brokers, Map.of("transaction.version", version, "group.initial.rebalance.delay.ms", "0"));
    }

    /** A cluster for all tests, with a topic for this one. */
    private TestCluster shared(String version) throws Exception {
        TestCluster cluster = SHARED.get(version);
        if (cluster == null) {
            cluster = start(sharedDirectory.resolve("version-" + version), 1, version);
            SHARED.put(version, cluster);
        }
        cluster.createTopic(topic, PARTITIONS, 1);
        return cluster;
    }

    private KafkaProducer<byte[], byte[]> producer(TestCluster cluster, Map<String, String> extra) {
        var all = new HashMap<String, String>();
        all.put("transactional.id", transactionalId);
        all.put("linger.ms", "0");
        all.putAll(extra);
        var producer = cluster.producer(all);
        producer.initTransactions();
        return producer;
    }

    private List<Future<RecordMetadata>> send(KafkaProducer<byte[], byte[]> producer, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> producer.send(new ProducerRecord<>(
                        topic, i % PARTITIONS, null, Integer.toString(i).getBytes(UTF_8))))
                .toList();
    }

    /** Values that a reader sees, up to the one that was sent last, in any order of partitions. */
    private List<Integer> read(TestCluster cluster, String isolation, int count) {
        var values = new ArrayList<Integer>();
        try (KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(Map.of("isolation.level", isolation))) {
            var all = IntStream.range(0, PARTITIONS)
                    .mapToObj(index -> new TopicPartition(topic, index))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long deadline = System.nanoTime() + SECONDS.toNanos(20);
            while (values.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(read -> values.add(Integer.valueOf(new String(read.value(), UTF_8))));
            }
            consumer.poll(Duration.ofMillis(100))
                    .forEach(read -> values.add(Integer.valueOf(new String(read.value(), UTF_8))));
        }
        values.sort(null);
        return values;
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0"})
    void aReaderOfCommittedRecordsSeesNoOther(String version) throws Exception {
        var cluster = shared(version);
        try (var producer = producer(cluster, Map.of())) {
            for (int transaction = 0; transaction < 10; transaction++) {
                producer.beginTransaction();
                send(producer, transaction * 10, transaction * 10 + 10);
                if (transaction % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.flush();
                    producer.abortTransaction();
                }
            }
            producer.beginTransaction();
            send(producer, 100, 110);
            producer.flush();

            var committed =
                    IntStream.range(0, 100).filter(i -> i / 10 % 2 == 0).boxed().toList();
            assertThat(read(cluster, "read_committed", 50)).isEqualTo(committed);
            assertThat(read(cluster, "read_uncommitted", 110))
                    .hasSizeGreaterThanOrEqualTo(60)
                    .contains(105);

            producer.commitTransaction();
            assertThat(read(cluster, "read_committed", 60)).hasSize(60).contains(109);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0"})
    void aSecondProducerFencesTheFirst(String version) throws Exception {
        var cluster = shared(version);
        try (var first = producer(cluster, Map.of())) {
            first.beginTransaction();
            send(first, 0, 10);
            first.flush();

            try (var second = producer(cluster, Map.of())) {
                second.beginTransaction();
                send(second, 10, 20);
                second.commitTransaction();
            }

            assertThatThrownBy(first::commitTransaction).isInstanceOf(ProducerFencedException.class);
            assertThat(read(cluster, "read_committed", 10)).isEqualTo(numbers(10, 20));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0"})
    void aTransactionThatTakesTooLongIsAborted(String version) throws Exception {
        var cluster = shared(version);
        try (var producer = producer(cluster, Map.of("transaction.timeout.ms", "300"))) {
            producer.beginTransaction();
            send(producer, 0, 10);
            producer.flush();
            try (var other = producer(cluster, Map.of("transactional.id", "other-than-" + transactionalId))) {
                other.beginTransaction();
                send(other, 10, 20);
                other.commitTransaction();
            }

            assertThat(read(cluster, "read_committed", 10)).isEqualTo(numbers(10, 20));
            assertThatThrownBy(() -> sendAndCommit(producer))
                    .satisfiesAnyOf(
                            failure -> assertThat(failure).isInstanceOf(ProducerFencedException.class),
                            failure -> assertThat(failure).isInstanceOf(InvalidProducerEpochException.class),
                            failure -> assertThat(failure).isInstanceOf(KafkaException.class));
            assertThat(read(cluster, "read_committed", 10)).isEqualTo(numbers(10, 20));
        }
    }

    private void sendAndCommit(KafkaProducer<byte[], byte[]> producer) throws InterruptedException {
        for (Future<RecordMetadata> sent : send(producer, 50, 52)) {
            try {
                sent.get();
            } catch (ExecutionException e) {
                throw new KafkaException(e.getCause());
            }
        }
        producer.commitTransaction();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0"})
    void aTransactionGoesOnAtTheNextCoordinator(String version) throws Exception {
        try (var cluster = start(directory, 3, version)) {
            cluster.createTopic(topic, PARTITIONS, 3);
            var producer = producer(cluster, Map.of("request.timeout.ms", "3000"));
            producer.beginTransaction();
            send(producer, 0, 10);
            producer.flush();

            cluster.abort(coordinator(cluster));
            send(producer, 10, 20);
            producer.commitTransaction();

            assertThat(read(cluster, "read_committed", 20)).isEqualTo(numbers(0, 20));
        }
    }

    private int coordinator(TestCluster cluster) throws Exception {
        int partition = (transactionalId.hashCode() & Integer.MAX_VALUE) % 8;
        return cluster.admin()
                .describeTopics(List.of("__transaction_state"))
                .allTopicNames()
                .get(20, SECONDS)
                .get("__transaction_state")
                .partitions()
                .get(partition)
                .leader()
                .id();
    }

    @Test
    void aProducerGoesOnWhereItsBrokerWasRestarted() throws Exception {
        try (var cluster = start(directory, 1, "2")) {
            cluster.createTopic(topic, PARTITIONS, 1);
            try (var producer = producer(cluster, Map.of())) {
                producer.beginTransaction();
                send(producer, 0, 10);
                producer.commitTransaction();
                producer.beginTransaction();
                send(producer, 10, 20);
                producer.flush();
            }
            cluster.stop(1);
            cluster.restart(1, 1);

            try (var next = producer(cluster, Map.of())) {
                next.beginTransaction();
                send(next, 20, 30);
                next.commitTransaction();
            }

            var expected = new ArrayList<>(numbers(0, 10));
            expected.addAll(numbers(20, 30));
            assertThat(read(cluster, "read_committed", 20)).isEqualTo(expected);
        }
    }

    @Test
    void aProducerThatAbortsBeforeAnythingWasSentGoesOn() throws Exception {
        var cluster = shared("2");
        try (var producer = producer(cluster, Map.of())) {
            for (int i = 0; i < 5; i++) {
                producer.beginTransaction();
                send(producer, i, i + 1);
                producer.commitTransaction();
                producer.beginTransaction();
                send(producer, 100, 101);
                producer.abortTransaction();
            }

            assertThat(read(cluster, "read_committed", 5)).isEqualTo(numbers(0, 5));
        }
    }

    @Test
    void anAdministratorSeesAndAbortsATransaction() throws Exception {
        var cluster = shared("2");
        try (var producer = producer(cluster, Map.of())) {
            var admin = cluster.admin();
            producer.beginTransaction();
            send(producer, 0, 10);
            producer.flush();

            var listed = admin.listTransactions(new ListTransactionsOptions()
                            .filterStates(List.of(TransactionState.ONGOING))
                            .filterOnTransactionalIdPattern(transactionalId))
                    .all()
                    .get(20, SECONDS);
            assertThat(listed).singleElement().satisfies(listing -> {
                assertThat(listing.transactionalId()).isEqualTo(transactionalId);
                assertThat(listing.state()).isEqualTo(TransactionState.ONGOING);
            });
            var described = admin.describeTransactions(List.of(transactionalId))
                    .description(transactionalId)
                    .get(20, SECONDS);
            assertThat(described.topicPartitions()).hasSize(PARTITIONS);
            var partition = new TopicPartition(topic, 0);
            var state = admin.describeProducers(List.of(partition))
                    .partitionResult(partition)
                    .get(20, SECONDS)
                    .activeProducers()
                    .get(0);
            assertThat(state.currentTransactionStartOffset()).hasValue(0);

            admin.abortTransaction(
                            new AbortTransactionSpec(partition, state.producerId(), (short) state.producerEpoch(), 0))
                    .all()
                    .get(20, SECONDS);

            assertThat(admin.listOffsets(
                                    Map.of(partition, OffsetSpec.latest()),
                                    new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .partitionResult(partition)
                            .get(20, SECONDS)
                            .offset())
                    .isEqualTo(6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0"})
    void offsetsAreCommittedWithTheRecordsThatWereMadeOfThem(String version) throws Exception {
        var cluster = shared(version);
        try (var source = cluster.producer(Map.of())) {
            cluster.createTopic(source(), 1, 1);
            for (int i = 0; i < 30; i++) {
                source.send(new ProducerRecord<>(
                                source(), 0, null, Integer.toString(i).getBytes(UTF_8)))
                        .get(20, SECONDS);
            }

            transform(cluster, 10, true);
            transform(cluster, 10, false);
            transform(cluster, 20, true);

            assertThat(read(cluster, "read_committed", 30)).isEqualTo(numbers(0, 30));
        }
    }

    private String source() {
        return "source-of-" + topic;
    }

    /** Copies records from where the group is, in one transaction. */
    private void transform(TestCluster cluster, int count, boolean commits) {
        try (var consumer = cluster.consumer(Map.of(
                        "group.id", transactionalId, "max.poll.records", "10", "isolation.level", "read_committed"));
                var producer = producer(cluster, Map.of())) {
            consumer.subscribe(List.of(source()));
            producer.beginTransaction();
            long deadline = System.nanoTime() + SECONDS.toNanos(20);
            int copied = 0;
            while (copied < count && System.nanoTime() < deadline) {
                for (var read : consumer.poll(Duration.ofMillis(100))) {
                    producer.send(new ProducerRecord<>(topic, copied % PARTITIONS, null, read.value()));
                    copied++;
                }
            }
            assertThat(copied).isEqualTo(count);
            var partition = new TopicPartition(source(), 0);
            producer.sendOffsetsToTransaction(
                    Map.of(partition, new OffsetAndMetadata(consumer.position(partition))), consumer.groupMetadata());
            if (commits) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }
}
