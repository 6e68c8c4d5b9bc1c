package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own clients against three brokers, some of which go away. */
@Timeout(90)
class ThreeBrokersTest {
    @TempDir
    private Path directory;

    @Test
    void recordsAreReplicatedAndSurviveTheirLeader() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            cluster.createTopic("replicated", 3, 3);
            var admin = cluster.admin();
            TestCluster.waitUntil("all replicas are in sync", () -> partitions(admin, "replicated").stream()
                    .allMatch(partition -> partition.isr().size() == 3));
            var producer = cluster.producer(
                    Map.of("acks", "all", "delivery.timeout.ms", "60000", "request.timeout.ms", "5000"));
            var sent = send(producer, "replicated", 0, 300);
            int leader = partitions(admin, "replicated").get(0).leader().id();

            cluster.abort(leader);
            sent.addAll(send(producer, "replicated", 300, 600));

            for (Future<RecordMetadata> one : sent) {
                one.get(60, SECONDS);
            }
            assertEachOnceInOrder(cluster, "replicated", 600);
        }
    }

    @Test
    void brokersLeaveAndComeBackOneByOne() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            cluster.createTopic("rolling", 3, 3);
            var producer = cluster.producer(
                    Map.of("acks", "all", "delivery.timeout.ms", "60000", "request.timeout.ms", "5000"));
            var sent = new ArrayList<Future<RecordMetadata>>();
            for (int id = 1; id <= 3; id++) {
                sent.addAll(send(producer, "rolling", sent.size(), sent.size() + 100));
                cluster.stop(id);
                sent.addAll(send(producer, "rolling", sent.size(), sent.size() + 100));
                for (Future<RecordMetadata> one : sent) {
                    one.get(60, SECONDS);
                }
                cluster.restart(id, 3);
                var admin = cluster.admin();
                TestCluster.waitUntil("all replicas are in sync", () -> partitions(admin, "rolling").stream()
                        .allMatch(partition -> partition.isr().size() == 3));
            }
            assertEachOnceInOrder(cluster, "rolling", 600);
        }
    }

    @Test
    void anotherBrokerTakesOverAsController() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            cluster.createTopic("before", 1, 3);
            int controller = cluster.admin()
                    .describeCluster()
                    .controller()
                    .get(20, SECONDS)
                    .id();

            cluster.abort(controller);

            cluster.createTopic("after", 1, 2);
            assertThat(cluster.admin()
                            .describeCluster()
                            .controller()
                            .get(20, SECONDS)
                            .id())
                    .isNotEqualTo(controller);
        }
    }

    @Test
    void everythingIsThereAfterAllBrokersWereRestarted() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            cluster.createTopic("kept", 3, 3);
            var producer = cluster.producer(Map.of("acks", "all"));
            for (Future<RecordMetadata> one : send(producer, "kept", 0, 300)) {
                one.get(60, SECONDS);
            }
            producer.close();

            for (int id = 1; id <= 3; id++) {
                cluster.stop(id);
            }
            for (int id = 1; id <= 3; id++) {
                cluster.restart(id, 3);
            }

            assertEachOnceInOrder(cluster, "kept", 300);
        }
    }

    @Test
    void aTopicDeletedWhileABrokerWasAwayLeavesNothingOnItsDisk() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            cluster.createTopic("forgotten", 1, 3);
            TestCluster.waitUntil(
                    "broker 1 has the replica", () -> foldersOf(1, "forgotten").size() == 1);
            cluster.stop(1);
            cluster.admin().deleteTopics(List.of("forgotten")).all().get(20, SECONDS);

            cluster.restart(1, 3);

            assertThat(foldersOf(1, "forgotten")).isEmpty();
        }
    }

    @Test
    void aTopicCreatedAgainWhileABrokerWasAwayHasNothingOfTheFormerOnAnyBroker() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            cluster.createTopic("again", 3, 3);
            var producer = cluster.producer(Map.of("acks", "all"));
            for (Future<RecordMetadata> one : send(producer, "again", 0, 100)) {
                one.get(60, SECONDS);
            }
            producer.close();
            assertThat(foldersOf(1, "again")).hasSize(3);
            cluster.stop(1);
            cluster.admin().deleteTopics(List.of("again")).all().get(20, SECONDS);
            cluster.createTopic("again", 3, 2);
            var later = cluster.producer(Map.of("acks", "all"));
            for (Future<RecordMetadata> one : send(later, "again", 0, 30)) {
                one.get(60, SECONDS);
            }

            cluster.restart(1, 3);

            assertEachOnceInOrder(cluster, "again", 30);
            assertThat(foldersOf(1, "again")).isEmpty();
        }
    }

    private List<Path> foldersOf(int brokerId, String topic) throws Exception {
        try (var folders = Files.list(directory.resolve("broker-" + brokerId))) {
            return folders.filter(folder -> folder.getFileName().toString().startsWith(topic))
                    .toList();
        }
    }

    private static List<TopicPartitionInfo> partitions(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(20, SECONDS)
                .get(topic)
                .partitions();
    }

    private static List<Future<RecordMetadata>> send(
            KafkaProducer<byte[], byte[]> producer, String topic, int from, int to) {
        var sent = new ArrayList<Future<RecordMetadata>>();
        for (int i = from; i < to; i++) {
            sent.add(producer.send(
                    new ProducerRecord<>(topic, i % 3, null, Integer.toString(i).getBytes(UTF_8))));
        }
        return sent;
    }

    private static void assertEachOnceInOrder(TestCluster cluster, String topic, int count) {
        var read = cluster.readAll(topic, 3, count);
        for (int partition = 0; partition < 3; partition++) {
            int number = partition;
            var values = read.stream()
                    .filter(record -> record.partition() == number)
                    .map(record -> Integer.parseInt(new String(record.value(), UTF_8)))
                    .toList();
            assertThat(values)
                    .isEqualTo(IntStream.range(0, count)
                            .filter(i -> i % 3 == number)
                            .boxed()
                            .toList());
        }
    }
}
