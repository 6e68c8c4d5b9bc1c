package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own consumers in groups. */
@Timeout(90)
class ConsumerGroupTest {
    private static final Map<String, String> AT_ONCE = Map.of("group.initial.rebalance.delay.ms", "0");

    @TempDir
    private Path directory;

    @Test
    void aGroupGoesOnWhereItHasCommitted() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, AT_ONCE)) {
            cluster.createTopic("orders", 2, 1);
            produce(cluster, 0, 20);
            try (var first = member(cluster, Map.of())) {
                assertThat(valuesRead(List.of(first), 20)).isEqualTo(values(0, 20));
                first.commitSync(Duration.ofSeconds(20));
            }

            produce(cluster, 20, 30);

            try (var second = member(cluster, Map.of())) {
                assertThat(valuesRead(List.of(second), 10)).isEqualTo(values(20, 30));
                var partitions = Set.of(new TopicPartition("orders", 0), new TopicPartition("orders", 1));
                assertThat(second.committed(partitions, Duration.ofSeconds(20)).values().stream()
                                .mapToLong(committed -> committed.offset())
                                .sum())
                        .isEqualTo(20);
            }
        }
    }

    @Test
    void membersShareThePartitionsAndTakeOverFromEachOther() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, AT_ONCE)) {
            cluster.createTopic("orders", 4, 1);
            try (var first = member(cluster, Map.of());
                    var second = member(cluster, Map.of())) {
                pollUntil(
                        "both have partitions",
                        List.of(first, second),
                        () -> first.assignment().size() == 2
                                && second.assignment().size() == 2);

                second.close();

                pollUntil(
                        "the first has all",
                        List.of(first),
                        () -> first.assignment().size() == 4);
            }
        }
    }

    @Test
    void aStaticMemberThatRestartsKeepsItsPartitions() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, AT_ONCE)) {
            cluster.createTopic("orders", 4, 1);
            var settings = Map.of("group.instance.id", "first");
            var other = member(cluster, Map.of("group.instance.id", "second"));
            var before = member(cluster, settings);
            pollUntil(
                    "both have partitions",
                    List.of(before, other),
                    () -> before.assignment().size() == 2 && other.assignment().size() == 2);
            Set<TopicPartition> assignment = Set.copyOf(before.assignment());

            before.close();
            var after = member(cluster, settings);

            pollUntil("it has them again", List.of(after), () -> after.assignment()
                    .equals(assignment));
            assertThat(other.assignment()).hasSize(2);
        }
    }

    @Test
    void aGroupSurvivesItsCoordinator() throws Exception {
        try (var cluster = TestCluster.start(directory, 3, AT_ONCE)) {
            cluster.createTopic("orders", 3, 3);
            produce(cluster, 0, 30);
            try (var consumer = member(cluster, Map.of())) {
                assertThat(valuesRead(List.of(consumer), 30)).isEqualTo(values(0, 30));
                consumer.commitSync(Duration.ofSeconds(20));
                int coordinator = leaderOfGroup(cluster);

                cluster.abort(coordinator);

                produce(cluster, 30, 60);
                assertThat(valuesRead(List.of(consumer), 30)).containsAll(values(30, 60));
                consumer.commitSync(Duration.ofSeconds(30));
            }
            try (var successor = member(cluster, Map.of())) {
                produce(cluster, 60, 61);
                assertThat(valuesRead(List.of(successor), 1)).isEqualTo(values(60, 61));
            }
        }
    }

    @Test
    void anOperatorSeesAGroupAndHasItForgotten() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, AT_ONCE)) {
            cluster.createTopic("orders", 2, 1);
            produce(cluster, 0, 10);
            var partition = new TopicPartition("orders", 0);
            try (var consumer = member(cluster, Map.of())) {
                valuesRead(List.of(consumer), 10);
                consumer.commitSync(Duration.ofSeconds(20));

                var described = cluster.admin()
                        .describeConsumerGroups(List.of("billing"))
                        .all()
                        .get(20, SECONDS)
                        .get("billing");
                assertThat(described.groupState()).hasToString("Stable");
                assertThat(described.members())
                        .hasSize(1)
                        .allMatch(shown -> shown.assignment().topicPartitions().size() == 2);
                assertThat(cluster.admin().listGroups().all().get(20, SECONDS))
                        .extracting("groupId")
                        .containsExactly("billing");
                assertThat(cluster.admin()
                                .deleteConsumerGroupOffsets("billing", Set.of(partition))
                                .partitionResult(partition))
                        .failsWithin(20, SECONDS);
            }

            cluster.admin()
                    .deleteConsumerGroupOffsets("billing", Set.of(partition))
                    .all()
                    .get(20, SECONDS);
            assertThat(cluster.admin()
                            .listConsumerGroupOffsets("billing")
                            .partitionsToOffsetAndMetadata()
                            .get(20, SECONDS))
                    .hasSize(1);
            cluster.admin().deleteConsumerGroups(List.of("billing")).all().get(20, SECONDS);

            assertThat(cluster.admin().listGroups().all().get(20, SECONDS)).isEmpty();
        }
    }

    private static int leaderOfGroup(TestCluster cluster) throws Exception {
        var topic = cluster.admin()
                .describeTopics(List.of("__consumer_offsets"))
                .allTopicNames()
                .get(20, SECONDS)
                .get("__consumer_offsets");
        int partition =
                ("billing".hashCode() & Integer.MAX_VALUE) % topic.partitions().size();
        return topic.partitions().get(partition).leader().id();
    }

    private static KafkaConsumer<byte[], byte[]> member(TestCluster cluster, Map<String, String> extra) {
        var settings = new java.util.HashMap<>(extra);
        settings.put("group.id", "billing");
        settings.put("session.timeout.ms", "10000");
        settings.put("heartbeat.interval.ms", "500");
        settings.put("request.timeout.ms", "5000");
        settings.put("default.api.timeout.ms", "30000");
        KafkaConsumer<byte[], byte[]> consumer = cluster.consumer(settings);
        consumer.subscribe(List.of("orders"));
        return consumer;
    }

    private static void produce(TestCluster cluster, int from, int to) throws Exception {
        var producer =
                cluster.producer(Map.of("acks", "all", "delivery.timeout.ms", "60000", "request.timeout.ms", "5000"));
        for (int i = from; i < to; i++) {
            producer.send(new ProducerRecord<>("orders", bytes(i), bytes(i))).get(60, SECONDS);
        }
    }

    private static Set<String> valuesRead(List<KafkaConsumer<byte[], byte[]>> consumers, int count) throws Exception {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        TestCluster.waitUntil(count + " records have come", () -> {
            for (KafkaConsumer<byte[], byte[]> consumer : consumers) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records.size() >= count;
        });
        var values = new HashSet<String>();
        records.forEach(record -> values.add(new String(record.value(), UTF_8)));
        return values;
    }

    private static void pollUntil(
            String what, List<KafkaConsumer<byte[], byte[]>> consumers, TestCluster.Condition condition)
            throws Exception {
        TestCluster.waitUntil(what, () -> {
            consumers.forEach(consumer -> consumer.poll(Duration.ofMillis(100)));
            return condition.holds();
        });
    }

    private static Set<String> values(int from, int to) {
        var values = new HashSet<String>();
        IntStream.range(from, to).forEach(i -> values.add("value " + i));
        return values;
    }

    private static byte[] bytes(int i) {
        return ("value " + i).getBytes(UTF_8);
    }
}
