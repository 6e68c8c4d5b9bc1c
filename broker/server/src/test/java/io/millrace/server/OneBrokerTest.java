package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own clients against one broker. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OneBrokerTest {
    private TestCluster cluster;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(directory, 1, Map.of("log.cleaner.backoff.ms", "100"));
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void whatIsProducedIsConsumed(String codec) throws Exception {
        String topic = "codec-" + codec;
        cluster.createTopic(topic, 3, 1);
        var random = new Random(42);
        var values = new ArrayList<byte[]>();

        try (var producer = cluster.producer(Map.of("acks", "all", "compression.type", codec, "linger.ms", "5"))) {
            for (int i = 0; i < 1000; i++) {
                byte[] value = ("value " + i + " " + "x".repeat(random.nextInt(300))).getBytes(UTF_8);
                values.add(value);
                producer.send(new ProducerRecord<>(topic, i % 3, null, ("key " + i).getBytes(UTF_8), value));
            }
        }

        var read = cluster.readAll(topic, 3, 1000);
        for (int partition = 0; partition < 3; partition++) {
            int number = partition;
            var own =
                    read.stream().filter(record -> record.partition() == number).toList();
            for (int i = 0; i < own.size(); i++) {
                assertThat(own.get(i).offset()).isEqualTo(i);
                assertThat(own.get(i).value()).isEqualTo(values.get(3 * i + partition));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void everyKindOfAcknowledgementWorks(String acks) throws Exception {
        String topic = "acks-" + acks;
        cluster.createTopic(topic, 1, 1);

        try (var producer = cluster.producer(Map.of("acks", acks, "enable.idempotence", "false"))) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>(topic, ("value " + i).getBytes(UTF_8)));
            }
            producer.flush();
        }

        assertThat(cluster.readAll(topic, 1, 100).get(99).value()).isEqualTo("value 99".getBytes(UTF_8));
    }

    @Test
    void aTopicThatIsMissingIsCreatedWhenItIsUsed() throws Exception {
        var producer = cluster.producer(Map.of());

        producer.send(new ProducerRecord<>("born-by-use", "first".getBytes(UTF_8)))
                .get(20, SECONDS);

        assertThat(cluster.readAll("born-by-use", 1, 1).get(0).value()).isEqualTo("first".getBytes(UTF_8));
    }

    @Test
    void largeRecordsPassThrough() throws Exception {
        cluster.createTopic("large", 1, 1);
        var value = new byte[900_000];
        new Random(7).nextBytes(value);
        var producer = cluster.producer(Map.of());

        for (int i = 0; i < 5; i++) {
            producer.send(new ProducerRecord<>("large", value)).get(20, SECONDS);
        }

        assertThat(cluster.readAll("large", 1, 5))
                .allSatisfy(record -> assertThat(record.value()).isEqualTo(value));
    }

    @Test
    void aRecordAboveTheLimitIsRefused() throws Exception {
        cluster.createTopic("limited", 1, 1);
        var producer = cluster.producer(Map.of("max.request.size", "10000000"));
        var sent = producer.send(new ProducerRecord<>("limited", new byte[2_000_000]));

        assertThatThrownBy(() -> sent.get(20, SECONDS)).hasCauseInstanceOf(RecordTooLargeException.class);
    }

    @Test
    void offsetsAreFoundByTime() throws Exception {
        cluster.createTopic("timed", 1, 1);
        var producer = cluster.producer(Map.of());
        long now = System.currentTimeMillis();
        for (int i = 0; i < 10; i++) {
            producer.send(new ProducerRecord<>("timed", 0, now + 1000L * i, null, new byte[] {(byte) i}))
                    .get(20, SECONDS);
        }
        var admin = cluster.admin();
        var partition = new TopicPartition("timed", 0);

        assertThat(offset(admin, partition, OffsetSpec.earliest())).isZero();
        assertThat(offset(admin, partition, OffsetSpec.latest())).isEqualTo(10);
        assertThat(offset(admin, partition, OffsetSpec.forTimestamp(now + 3500)))
                .isEqualTo(4);
        assertThat(offset(admin, partition, OffsetSpec.forTimestamp(now + 100_000)))
                .isEqualTo(-1);
        assertThat(offset(admin, partition, OffsetSpec.maxTimestamp())).isEqualTo(9);
    }

    private static long offset(org.apache.kafka.clients.admin.Admin admin, TopicPartition partition, OffsetSpec spec)
            throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get(20, SECONDS)
                .offset();
    }

    @Test
    void recordsAreDeletedUpToAnOffset() throws Exception {
        cluster.createTopic("shortened", 1, 1);
        var producer = cluster.producer(Map.of());
        for (int i = 0; i < 10; i++) {
            producer.send(new ProducerRecord<>("shortened", new byte[] {(byte) i}))
                    .get(20, SECONDS);
        }
        var admin = cluster.admin();
        var partition = new TopicPartition("shortened", 0);

        long low = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                .lowWatermarks()
                .get(partition)
                .get(20, SECONDS)
                .lowWatermark();
        var tooFar = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(11)))
                .lowWatermarks()
                .get(partition);

        assertThat(low).isEqualTo(4);
        assertThat(offset(admin, partition, OffsetSpec.earliest())).isEqualTo(4);
        assertThat(cluster.readAll("shortened", 1, 6).get(0).offset()).isEqualTo(4);
        assertThatThrownBy(() -> tooFar.get(20, SECONDS)).hasCauseInstanceOf(OffsetOutOfRangeException.class);
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)))
                .all()
                .get(20, SECONDS);
        assertThat(offset(admin, partition, OffsetSpec.earliest())).isEqualTo(10);
    }

    @Test
    void aCompactedTopicKeepsTheLastRecordOfEachKey() throws Exception {
        create("table", Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0", "segment.bytes", "1000"));
        var producer = cluster.producer(Map.of("linger.ms", "0", "compression.type", "lz4"));
        for (int i = 0; i < 100; i++) {
            producer.send(new ProducerRecord<>("table", new byte[] {(byte) (i % 5)}, new byte[] {(byte) i}))
                    .get(20, SECONDS);
        }
        var partition = new TopicPartition("table", 0);
        var consumer = cluster.consumer(Map.of());
        consumer.assign(List.of(partition));

        TestCluster.waitUntil("the first records are gone", () -> {
            consumer.seekToBeginning(List.of(partition));
            return firstOffset(consumer) >= 50;
        });

        var last = new TreeMap<Byte, Byte>();
        consumer.seekToBeginning(List.of(partition));
        while (consumer.position(partition) < 100) {
            consumer.poll(Duration.ofMillis(200)).forEach(record -> last.put(record.key()[0], record.value()[0]));
        }
        assertThat(last.values()).containsExactly((byte) 95, (byte) 96, (byte) 97, (byte) 98, (byte) 99);
        var admin = cluster.admin();
        assertThat(offset(admin, partition, OffsetSpec.earliest())).isZero();
        var withoutKey = producer.send(new ProducerRecord<>("table", new byte[1]));
        assertThatThrownBy(() -> withoutKey.get(20, SECONDS)).hasCauseInstanceOf(InvalidRecordException.class);
        var deletion = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1)));
        assertThatThrownBy(() -> deletion.all().get(20, SECONDS)).hasCauseInstanceOf(PolicyViolationException.class);
    }

    private static long firstOffset(KafkaConsumer<byte[], byte[]> consumer) {
        // A poll that passes a batch which compaction has emptied returns without records.
        for (int i = 0; i < 20; i++) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                return record.offset();
            }
        }
        return -1;
    }

    @Test
    void topicsAreCreatedDescribedAndDeleted() throws Exception {
        var admin = cluster.admin();
        var topic = new NewTopic("short-lived", 4, (short) 1).configs(Map.of("retention.ms", "60000"));

        var created = admin.createTopics(List.of(topic));

        created.all().get(20, SECONDS);
        assertThat(created.numPartitions("short-lived").get()).isEqualTo(4);
        assertThat(created.config("short-lived").get().get("retention.ms").value())
                .isEqualTo("60000");
        var description = admin.describeTopics(List.of("short-lived"))
                .allTopicNames()
                .get(20, SECONDS)
                .get("short-lived");
        assertThat(description.partitions()).hasSize(4).allSatisfy(partition -> {
            assertThat(partition.leader().id()).isEqualTo(1);
            assertThat(partition.isr()).hasSize(1);
        });
        assertThatThrownBy(() -> admin.createTopics(List.of(topic)).all().get(20, SECONDS))
                .hasCauseInstanceOf(TopicExistsException.class);
        admin.deleteTopics(List.of("short-lived")).all().get(20, SECONDS);
        assertThat(admin.listTopics().names().get(20, SECONDS)).doesNotContain("short-lived");
        assertThatThrownBy(
                        () -> admin.deleteTopics(List.of("short-lived")).all().get(20, SECONDS))
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    void aTopicCreatedAgainUnderItsOldNameIsEmpty() throws Exception {
        var admin = cluster.admin();
        cluster.createTopic("phoenix", 1, 1);
        try (var producer = cluster.producer(Map.of())) {
            producer.send(new ProducerRecord<>("phoenix", "old".getBytes(UTF_8)))
                    .get(20, SECONDS);
        }

        admin.deleteTopics(List.of("phoenix")).all().get(20, SECONDS);
        cluster.createTopic("phoenix", 1, 1);

        try (var producer = cluster.producer(Map.of())) {
            RecordMetadata sent = producer.send(new ProducerRecord<>("phoenix", "new".getBytes(UTF_8)))
                    .get(20, SECONDS);
            assertThat(sent.offset()).isZero();
        }
        assertThat(cluster.readAll("phoenix", 1, 1).get(0).value()).isEqualTo("new".getBytes(UTF_8));
    }

    @Test
    void aSettingThatIsUnknownOrWrongIsRefusedWithAReason() {
        var admin = cluster.admin();
        var wrong = new NewTopic("wrong", 1, (short) 1).configs(Map.of("retention.ms", "soon"));

        assertThatThrownBy(() -> admin.createTopics(List.of(wrong)).all().get(20, SECONDS))
                .hasCauseInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("retention.ms=soon");
    }

    @ParameterizedTest
    @ValueSource(strings = {"retention.ms", "retention.bytes"})
    void aQueueHasNoRetentionOfTopics(String key) {
        assertThatThrownBy(() -> create("kept", Map.of("destination.kind", "queue", key, "60000")))
                .hasCauseInstanceOf(InvalidConfigurationException.class)
                .hasMessageContainingAll(
                        key + "=60000", "a queue keeps what is not acknowledged", "replay.retention.ms");
    }

    @Test
    void aTopicHasNoRetentionOfQueues() {
        assertThatThrownBy(() -> create("aged", Map.of("replay.retention.ms", "60000")))
                .hasCauseInstanceOf(InvalidConfigurationException.class)
                .hasMessageContainingAll("replay.retention.ms=60000", "destination.kind=queue", "retention.ms");
    }

    @Test
    void aQueueKeepsWhatWasAcknowledgedAsLongAsItIsTold() throws Exception {
        create("replayed", Map.of("destination.kind", "queue", "replay.retention.ms", "60000"));

        assertThat(cluster.admin().listTopics().names().get(20, SECONDS)).contains("replayed");
    }

    private void create(String name, Map<String, String> configuration) throws Exception {
        cluster.admin()
                .createTopics(List.of(new NewTopic(name, 1, (short) 1).configs(configuration)))
                .all()
                .get(20, SECONDS);
    }

    @Test
    void aTopicIsOnlyCheckedWhenNothingElseIsWanted() throws Exception {
        var admin = cluster.admin();
        var topic = new NewTopic("imagined", 2, (short) 1);

        admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(true))
                .all()
                .get(20, SECONDS);

        assertThat(admin.listTopics().names().get(20, SECONDS)).doesNotContain("imagined");
    }

    @Test
    void replicasAreWhereTheAssignmentSays() throws Exception {
        var admin = cluster.admin();

        admin.createTopics(List.of(new NewTopic("assigned", Map.of(0, List.of(1), 1, List.of(1)))))
                .all()
                .get(20, SECONDS);

        var description = admin.describeTopics(List.of("assigned"))
                .allTopicNames()
                .get(20, SECONDS)
                .get("assigned");
        assertThat(description.partitions()).hasSize(2).allSatisfy(partition -> assertThat(partition.replicas())
                .hasSize(1));
    }

    @Test
    void moreReplicasThanBrokersAreRefused() {
        var admin = cluster.admin();

        assertThatThrownBy(() -> admin.createTopics(List.of(new NewTopic("too-many", 1, (short) 2)))
                        .all()
                        .get(20, SECONDS))
                .hasCauseInstanceOf(InvalidReplicationFactorException.class);
    }

    @Test
    void aFetchFromBeyondTheEndIsToldSo() throws Exception {
        cluster.createTopic("short", 1, 1);
        var partition = new TopicPartition("short", 0);
        var consumer = cluster.consumer(Map.of("auto.offset.reset", "none"));
        consumer.assign(List.of(partition));
        consumer.seek(partition, 1000);

        assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
                .isInstanceOf(org.apache.kafka.clients.consumer.OffsetOutOfRangeException.class);
    }

    @Test
    void aConsumerThatWaitsIsWokenByTheNextRecord() throws Exception {
        cluster.createTopic("awaited", 1, 1);
        var consumer = cluster.consumer(Map.of("fetch.max.wait.ms", "30000"));
        var partition = new TopicPartition("awaited", 0);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        consumer.poll(Duration.ofMillis(300));
        var producer = cluster.producer(Map.of());

        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>("awaited", "here".getBytes(UTF_8)));

        sent.get(20, SECONDS);
        assertThat(consumer.poll(Duration.ofSeconds(10)).count()).isOne();
    }
}
