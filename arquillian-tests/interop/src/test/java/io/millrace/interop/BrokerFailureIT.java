package io.millrace.interop;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of brokers, and one that is added, under acks=all load from two unmodified producers. Each test has a topic of its own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BrokerFailureIT {
    private static final int PARTITIONS = 3;
    private static final long RECORDS_BETWEEN_FAULTS = 2_000;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static int topicCount;

    private final String topic = "load" + ++topicCount;
    private List<ProducerLoad> producers = List.of();

    @BeforeAll
    static void startCluster() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).detectingLeaks().start();
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void start() {
        cluster.startAll();
        cluster.createTopic(topic, PARTITIONS, 3);
        producers = List.of(
                ProducerLoad.start("p1", cluster.bootstrapServers(), topic, PARTITIONS),
                ProducerLoad.start("p2", cluster.bootstrapServers(), topic, PARTITIONS));
        awaitProgress();
    }

    @AfterEach
    void stop() {
        producers.forEach(ProducerLoad::close);
    }

    @Test
    void nothingAcknowledgedIsLostWhenALeaderIsKilled() {
        int leader = cluster.leaderOf(topic, 0);

        killUnderLoad("the leader of " + topic + "-0", leader);
        cluster.start(leader);
        awaitProgress();

        checkHistory();
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheControllerIsKilled() {
        int controller = cluster.controllerId();

        killUnderLoad("the controller", controller);
        cluster.start(controller);
        awaitProgress();

        checkHistory();
        assertThat(cluster.controllerId()).isPositive();
    }

    @Test
    void nothingAcknowledgedIsLostWhenEachBrokerIsKilledInTurn() {
        for (int id : cluster.brokerIds()) {
            killUnderLoad("broker " + id, id);
            cluster.start(id);
            cluster.awaitInSync(topic);
            awaitProgress();
        }

        checkHistory();
    }

    @Test
    void nothingAcknowledgedIsLostWhenAllBrokersAreKilledAtOnce() {
        cluster.brokerIds().forEach(cluster::kill);
        cluster.startAll();
        awaitProgress();

        checkHistory();
    }

    /** The last: the others expect replicas on every broker. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aBrokerAddedUnderLoadIsGivenAPartitionAndLeadsIt() throws Exception {
        int added = cluster.add();
        var partition = new TopicPartition(topic, 0);
        var wanted = new NewPartitionReassignment(List.of(added, 2, 3));
        producers.forEach(ProducerLoad::restartGap);

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            admin.alterPartitionReassignments(Map.of(partition, Optional.of(wanted)))
                    .all()
                    .get(30, SECONDS);
            Wait.until(
                    "the partition has moved", PROGRESS_MAX, () -> moving(admin).isEmpty());
            admin.electLeaders(ElectionType.PREFERRED, Set.of(partition))
                    .partitions()
                    .get(30, SECONDS);
        }
        Wait.until("the new broker leads", PROGRESS_MAX, () -> cluster.leaderOf(topic, 0) == added);
        awaitProgress();

        producers.forEach(producer -> report("moving " + partition, producer));
        assertThat(cluster.describe(topic).partitions().get(0).replicas()).containsExactly(added, 2, 3);
        checkContents();
    }

    private static Set<TopicPartition> moving(Admin admin) {
        try {
            return admin.listPartitionReassignments()
                    .reassignments()
                    .get(30, SECONDS)
                    .keySet();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the cluster did not say what is moving", e);
        }
    }

    private void killUnderLoad(String what, int brokerId) {
        producers.forEach(ProducerLoad::restartGap);
        cluster.kill(brokerId);
        awaitProgress();
        producers.forEach(producer -> report("kill -9 of " + what, producer));
    }

    private static void report(String what, ProducerLoad producer) {
        System.out.println(what + ": longest gap between acknowledgements "
                + producer.longestGap().toMillis() + " ms");
    }

    /** Both producers get acknowledgements again, from every partition. */
    private void awaitProgress() {
        for (ProducerLoad producer : producers) {
            long wanted = producer.acknowledgedCount() + RECORDS_BETWEEN_FAULTS;
            Wait.until(
                    "2000 more records are acknowledged", PROGRESS_MAX, () -> producer.acknowledgedCount() >= wanted);
        }
    }

    private void checkHistory() {
        checkContents();
        TopicHistory.checkReplicasAgree(cluster, topic, PARTITIONS);
    }

    private void checkContents() {
        producers.forEach(ProducerLoad::close);
        TopicHistory history = TopicHistory.read(cluster, topic, PARTITIONS);
        history.check(producers);
        assertThat(history.size())
                .isGreaterThanOrEqualTo(producers.stream()
                        .mapToLong(ProducerLoad::acknowledgedCount)
                        .sum());
    }
}
