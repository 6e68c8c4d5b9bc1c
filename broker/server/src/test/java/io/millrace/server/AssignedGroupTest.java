package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own consumers in groups whose partitions the broker assigns (KIP-848). */
@Timeout(90)
class AssignedGroupTest {
    private static final Map<String, String> OFTEN = Map.of("group.consumer.heartbeat.interval.ms", "200");

    @TempDir
    private Path directory;

    @Test
    void membersShareThePartitionsAndGoOnWhereTheyCommitted() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, OFTEN)) {
            cluster.createTopic("orders", 4, 1);
            produce(cluster, 40);
            try (var first = member(cluster, Map.of());
                    var second = member(cluster, Map.of("group.instance.id", "two"))) {
                first.subscribe(List.of("orders"));
                second.subscribe(new SubscriptionPattern("ord.*"));
                var read = new int[1];
                TestCluster.waitUntil("both have partitions and all is read", () -> {
                    read[0] += first.poll(Duration.ofMillis(50)).count()
                            + second.poll(Duration.ofMillis(50)).count();
                    return first.assignment().size() == 2 && second.assignment().size() == 2 && read[0] >= 40;
                });
                TestCluster.waitUntil("all is committed", () -> {
                    for (var member : List.of(first, second)) {
                        member.poll(Duration.ofMillis(50));
                        member.commitSync(Duration.ofSeconds(20));
                    }
                    return committed(cluster) == 40;
                });

                var described = cluster.admin()
                        .describeConsumerGroups(List.of("billing"))
                        .all()
                        .get(20, SECONDS)
                        .get("billing");
                assertThat(described.type()).hasToString("Consumer");
                assertThat(described.groupState()).hasToString("Stable");
                assertThat(described.partitionAssignor()).isEqualTo("uniform");
                assertThat(described.members())
                        .hasSize(2)
                        .allMatch(shown -> shown.assignment().topicPartitions().size() == 2);
            }
        }
    }

    @Test
    void aTopicThatIsCreatedLaterIsAssigned() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, OFTEN)) {
            cluster.createTopic("orders-eu", 1, 1);
            try (var consumer = member(cluster, Map.of("group.remote.assignor", "range"))) {
                consumer.subscribe(new SubscriptionPattern("orders-.*"));
                TestCluster.waitUntil("one partition", () -> {
                    consumer.poll(Duration.ofMillis(50));
                    return consumer.assignment().size() == 1;
                });

                cluster.createTopic("orders-us", 2, 1);

                TestCluster.waitUntil("three partitions", () -> {
                    consumer.poll(Duration.ofMillis(50));
                    return consumer.assignment().size() == 3;
                });
            }
        }
    }

    @Test
    void aGroupSurvivesItsCoordinator() throws Exception {
        try (var cluster = TestCluster.start(directory, 3, OFTEN)) {
            cluster.createTopic("orders", 3, 3);
            produce(cluster, 30);
            try (var consumer = member(cluster, Map.of())) {
                consumer.subscribe(List.of("orders"));
                readAll(consumer, 30);
                consumer.commitSync(Duration.ofSeconds(20));
                Set<TopicPartition> had = Set.copyOf(consumer.assignment());

                cluster.abort(leaderOfGroup(cluster));

                produce(cluster, 30);
                readAll(consumer, 30);
                consumer.commitSync(Duration.ofSeconds(30));
                assertThat(consumer.assignment()).isEqualTo(had);
            }
        }
    }

    @Test
    void aGroupChangesItsProtocolWhileItsMembersRead() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, OFTEN)) {
            cluster.createTopic("orders", 4, 1);
            try (var classic = member(cluster, Map.of("group.protocol", "classic", "heartbeat.interval.ms", "200"))) {
                classic.subscribe(List.of("orders"));
                waitForShares(classic, null, 4);
                assertThat(typeOfGroup(cluster)).isEqualTo("Classic");

                try (var newer = member(cluster, Map.of())) {
                    newer.subscribe(List.of("orders"));
                    waitForShares(classic, newer, 2);
                    assertThat(typeOfGroup(cluster)).isEqualTo("Consumer");
                    produce(cluster, 40);
                    var read = new int[1];
                    TestCluster.waitUntil("all is read", () -> {
                        read[0] += classic.poll(Duration.ofMillis(50)).count()
                                + newer.poll(Duration.ofMillis(50)).count();
                        return read[0] >= 40;
                    });
                    classic.commitSync(Duration.ofSeconds(20));
                }

                waitForShares(classic, null, 4);
                assertThat(typeOfGroup(cluster)).isEqualTo("Classic");
            }
        }
    }

    private static void waitForShares(
            KafkaConsumer<byte[], byte[]> one, KafkaConsumer<byte[], byte[]> other, int partitions) throws Exception {
        TestCluster.waitUntil("each has " + partitions + " partitions", () -> {
            one.poll(Duration.ofMillis(50));
            if (other != null) {
                other.poll(Duration.ofMillis(50));
            }
            return one.assignment().size() == partitions
                    && (other == null || other.assignment().size() == partitions);
        });
    }

    private static String typeOfGroup(TestCluster cluster) throws Exception {
        return cluster.admin().listGroups().all().get(20, SECONDS).stream()
                .filter(listed -> listed.groupId().equals("billing"))
                .findFirst()
                .orElseThrow()
                .type()
                .orElseThrow()
                .toString();
    }

    private static long committed(TestCluster cluster) throws Exception {
        return cluster
                .admin()
                .listConsumerGroupOffsets("billing")
                .partitionsToOffsetAndMetadata()
                .get(20, SECONDS)
                .values()
                .stream()
                .mapToLong(offset -> offset.offset())
                .sum();
    }

    private static void readAll(KafkaConsumer<byte[], byte[]> consumer, int count) throws Exception {
        var read = new int[1];
        TestCluster.waitUntil(count + " records", () -> {
            read[0] += consumer.poll(Duration.ofMillis(50)).count();
            return read[0] >= count;
        });
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
        var settings = new HashMap<>(Map.of("group.protocol", "consumer"));
        settings.putAll(extra);
        settings.put("group.id", "billing");
        settings.put("request.timeout.ms", "5000");
        settings.put("default.api.timeout.ms", "30000");
        return cluster.consumer(settings);
    }

    private static void produce(TestCluster cluster, int count) throws Exception {
        var producer =
                cluster.producer(Map.of("acks", "all", "delivery.timeout.ms", "60000", "request.timeout.ms", "5000"));
        for (int i = 0; i < count; i++) {
            producer.send(new ProducerRecord<>(
                            "orders", i % 3, null, String.valueOf(i).getBytes(UTF_8)))
                    .get(60, SECONDS);
        }
    }
}
