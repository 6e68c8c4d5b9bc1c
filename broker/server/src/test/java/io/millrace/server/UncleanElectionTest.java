package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.EligibleLeadersNotAvailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's Admin has a replica lead that lacks records, because the one that has them is gone. */
@Timeout(90)
class UncleanElectionTest {
    private static final TopicPartition PARTITION = new TopicPartition("lossy", 0);

    @TempDir
    private Path directory;

    @Test
    void whatOnlyALostBrokerHasIsGivenUpByOrder() throws Exception {
        try (var cluster = TestCluster.start(directory, 3)) {
            Admin admin = cluster.admin();
            var topic = new NewTopic("lossy", Map.of(0, List.of(1, 2))).configs(Map.of("min.insync.replicas", "1"));
            admin.createTopics(List.of(topic)).all().get(20, SECONDS);
            assertRefused(admin, ElectionNotNeededException.class);
            send(cluster, 10);
            cluster.stop(2);
            send(cluster, 5);
            cluster.abort(1);
            TestCluster.waitUntil("nobody leads", () -> partition(admin).leader() == null);
            assertRefused(admin, EligibleLeadersNotAvailableException.class);
            cluster.restart(2, 3);
            TestCluster.waitUntil("broker 2 is there", () -> admin.describeCluster().nodes().get(20, SECONDS).stream()
                    .anyMatch(node -> node.id() == 2));

            elect(admin);

            assertThat(cluster.readAll("lossy", 1, 10)).hasSize(10);
            cluster.restart(1, 3);
            TestCluster.waitUntil(
                    "both are in sync", () -> partition(admin).isr().size() == 2);
            send(cluster, 3);
            assertThat(cluster.readAll("lossy", 1, 13)).hasSize(13);
        }
    }

    private static void send(TestCluster cluster, int count) throws Exception {
        try (var producer = cluster.producer(Map.of("acks", "all"))) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>("lossy", 0, null, new byte[] {1}))
                        .get(20, SECONDS);
            }
        }
    }

    private static void assertRefused(Admin admin, Class<? extends Exception> why) {
        assertThatThrownBy(() -> elect(admin)).hasCauseInstanceOf(why);
    }

    private static void elect(Admin admin) throws Exception {
        admin.electLeaders(ElectionType.UNCLEAN, Set.of(PARTITION)).all().get(20, SECONDS);
    }

    private static TopicPartitionInfo partition(Admin admin) throws Exception {
        return admin.describeTopics(List.of("lossy"))
                .allTopicNames()
                .get(20, SECONDS)
                .get("lossy")
                .partitions()
                .get(0);
    }
}
