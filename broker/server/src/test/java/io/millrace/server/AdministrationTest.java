package io.millrace.server;

import static io.millrace.server.TestCluster.eventually;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeProducersOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's Admin with two brokers: partitions, log directories, the cluster. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdministrationTest {
    private TestCluster cluster;
    private Admin admin;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(directory, 2, Map.of());
        admin = cluster.admin();
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aTopicGetsMorePartitionsAndItsClientsNotice() throws Exception {
        cluster.createTopicEverywhere("growing", 1, 2);
        var consumer = cluster.consumer(Map.of("group.id", "of-growing", "metadata.max.age.ms", "200"));
        consumer.subscribe(List.of("growing"));
        TestCluster.waitUntil("the consumer has the first partition", () -> {
            consumer.poll(Duration.ofMillis(100));
            return consumer.assignment().size() == 1;
        });

        admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(3)))
                .all()
                .get(10, SECONDS);

        eventually(() -> assertThat(describe("growing").partitions()).hasSize(3).allSatisfy(partition -> {
            assertThat(partition.replicas()).hasSize(2);
            assertThat(partition.leader()).isNotNull();
        }));
        var producer = cluster.producer(Map.of("acks", "all", "metadata.max.age.ms", "200"));
        TestCluster.waitUntil(
                "the producer knows all",
                () -> producer.partitionsFor("growing").size() == 3);
        for (int index = 0; index < 3; index++) {
            producer.send(new ProducerRecord<>("growing", index, null, bytes("value " + index)))
                    .get(10, SECONDS);
        }
        var values = new HashSet<String>();
        TestCluster.waitUntil("the consumer has read all", () -> {
            consumer.poll(Duration.ofMillis(100))
                    .forEach(record -> values.add(new String(record.value(), StandardCharsets.UTF_8)));
            return values.size() == 3;
        });
    }

    @Test
    void newPartitionsGoWhereTheyAreAssigned() throws Exception {
        cluster.createTopicEverywhere("assigned", 1, 1);

        admin.createPartitions(Map.of("assigned", NewPartitions.increaseTo(2, List.of(List.of(2)))))
                .all()
                .get(10, SECONDS);

        eventually(() -> {
            assertThat(describe("assigned").partitions()).hasSize(2);
            assertThat(describe("assigned").partitions().get(1).replicas())
                    .extracting(Node::id)
                    .containsExactly(2);
        });
    }

    @Test
    void partitionsThatCannotBeAddedAreRefused() throws Exception {
        cluster.createTopicEverywhere("fixed", 2, 1);

        assertRefused("fixed", NewPartitions.increaseTo(1), InvalidPartitionsException.class);
        assertRefused("fixed", NewPartitions.increaseTo(2), InvalidPartitionsException.class);
        assertRefused(
                "fixed",
                NewPartitions.increaseTo(3, List.of(List.of(1), List.of(2))),
                InvalidReplicaAssignmentException.class);
        assertRefused("nowhere", NewPartitions.increaseTo(2), UnknownTopicOrPartitionException.class);
        admin.createPartitions(
                        Map.of("fixed", NewPartitions.increaseTo(3)), new CreatePartitionsOptions().validateOnly(true))
                .all()
                .get(10, SECONDS);
        assertThat(describe("fixed").partitions()).hasSize(2);
    }

    private void assertRefused(String topic, NewPartitions partitions, Class<? extends Throwable> how) {
        assertThatThrownBy(() ->
                        admin.createPartitions(Map.of(topic, partitions)).all().get(10, SECONDS))
                .hasCauseInstanceOf(how);
    }

    @Test
    void topicsAreDescribedPageByPage() throws Exception {
        cluster.createTopicEverywhere("paged", 7, 1);

        var found = admin.describeTopics(List.of("paged"), new DescribeTopicsOptions().partitionSizeLimitPerResponse(2))
                .allTopicNames()
                .get(10, SECONDS);

        assertThat(found.get("paged").partitions())
                .extracting(partition -> partition.partition())
                .containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThatThrownBy(() -> describe("absent")).hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    void aTopicIsDescribedAndDeletedByItsId() throws Exception {
        cluster.createTopicEverywhere("by-id", 1, 1);
        Uuid id = describe("by-id").topicId();

        assertThat(admin.describeTopics(TopicCollection.ofTopicIds(List.of(id)))
                        .allTopicIds()
                        .get(10, SECONDS)
                        .get(id)
                        .name())
                .isEqualTo("by-id");
        admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all().get(10, SECONDS);

        assertThatThrownBy(() -> admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id)))
                        .all()
                        .get(10, SECONDS))
                .hasCauseInstanceOf(UnknownTopicIdException.class);
    }

    @Test
    void theClusterIsDescribed() throws Exception {
        var described = admin.describeCluster(new DescribeClusterOptions().includeFencedBrokers(true));

        assertThat(described.nodes().get(10, SECONDS)).extracting(Node::id).containsExactlyInAnyOrder(1, 2);
        assertThat(described.controller().get(10, SECONDS).id()).isIn(1, 2);
        assertThat(described.clusterId().get(10, SECONDS)).isNotEmpty();
    }

    @Test
    void logDirectoriesTellWhichPartitionsTheyHoldAndHowLargeTheyAre() throws Exception {
        cluster.createTopicEverywhere("stored", 2, 2);
        var producer = cluster.producer(Map.of("acks", "all"));
        producer.send(new ProducerRecord<>("stored", 1, null, new byte[10_000])).get(10, SECONDS);

        var described = admin.describeLogDirs(List.of(1, 2)).allDescriptions().get(10, SECONDS);

        assertThat(described.keySet()).containsExactlyInAnyOrder(1, 2);
        described.values().forEach(directories -> {
            assertThat(directories).hasSize(1);
            directories.forEach((path, directory) -> {
                assertThat(Path.of(path)).isAbsolute();
                assertThat(directory.error()).isNull();
                assertThat(directory.totalBytes().orElse(0)).isPositive();
                assertThat(directory.usableBytes().orElse(0)).isPositive();
                var replicas = directory.replicaInfos();
                assertThat(replicas.get(new TopicPartition("stored", 1)).size()).isGreaterThan(10_000);
                assertThat(replicas.get(new TopicPartition("stored", 0)).size()).isZero();
            });
        });
    }

    @Test
    void aFollowerTellsOfProducersWhatItsLeaderDoes() throws Exception {
        cluster.createTopicEverywhere("produced", 1, 2);
        var partition = new TopicPartition("produced", 0);
        try (var producer = cluster.producer(Map.of("acks", "all"))) {
            producer.send(new ProducerRecord<>("produced", "a".getBytes(StandardCharsets.UTF_8)))
                    .get(20, SECONDS);

            eventually(() -> {
                List<ProducerState> first = producersAt(1, partition);
                assertThat(first).hasSize(1).isEqualTo(producersAt(2, partition));
            });
        }
    }

    private List<ProducerState> producersAt(int brokerId, TopicPartition partition) throws Exception {
        return admin.describeProducers(List.of(partition), new DescribeProducersOptions().brokerId(brokerId))
                .partitionResult(partition)
                .get(10, SECONDS)
                .activeProducers();
    }

    @Test
    void offsetsAreFoundBySpecialTimestamps() throws Exception {
        cluster.createTopicEverywhere("offsets", 1, 1);
        var producer = cluster.producer(Map.of("acks", "all"));
        for (long timestamp : new long[] {1_000, 3_000, 2_000}) {
            producer.send(new ProducerRecord<>("offsets", 0, timestamp, null, bytes("v")))
                    .get(10, SECONDS);
        }

        assertThat(offset(OffsetSpec.earliest()).offset()).isZero();
        assertThat(offset(OffsetSpec.latest()).offset()).isEqualTo(3);
        assertThat(offset(OffsetSpec.maxTimestamp()).offset()).isEqualTo(1);
        assertThat(offset(OffsetSpec.forTimestamp(2_500)).offset()).isEqualTo(1);
        assertThat(offset(OffsetSpec.earliestLocal()).offset()).isZero();
        assertThat(offset(OffsetSpec.latestTiered()).offset()).isEqualTo(-1);
        assertThat(offset(OffsetSpec.earliestPendingUpload()).offset()).isEqualTo(-1);
    }

    private ListOffsetsResult.ListOffsetsResultInfo offset(OffsetSpec spec) throws Exception {
        var partition = new TopicPartition("offsets", 0);
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get(10, SECONDS);
    }

    private TopicDescription describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(10, SECONDS)
                .get(topic);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
