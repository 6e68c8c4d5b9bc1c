package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of brokers under acks=all load from two unmodified producers. */
class BrokerFailureIT {
    private static final String TOPIC = "load";
    private static final int PARTITIONS = 3;
    private static final long RECORDS_BETWEEN_FAULTS = 2_000;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private ProcessCluster cluster;
    private List<ProducerLoad> producers = List.of();

    @BeforeEach
    void start() {
        cluster = ProcessCluster.aCluster(directory).brokers(3).start();
        cluster.createTopic(TOPIC, PARTITIONS, 3);
        producers = List.of(
                ProducerLoad.start("p1", cluster.bootstrapServers(), TOPIC, PARTITIONS),
                ProducerLoad.start("p2", cluster.bootstrapServers(), TOPIC, PARTITIONS));
        awaitProgress();
    }

    @AfterEach
    void stop() {
        producers.forEach(ProducerLoad::close);
        cluster.close();
    }

    @Test
    void nothingAcknowledgedIsLostWhenALeaderIsKilled() {
        int leader = cluster.leaderOf(TOPIC, 0);

        killUnderLoad("the leader of " + TOPIC + "-0", leader);
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
            cluster.awaitInSync(TOPIC);
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

    private void killUnderLoad(String what, int brokerId) {
        producers.forEach(ProducerLoad::restartGap);
        cluster.kill(brokerId);
        awaitProgress();
        producers.forEach(producer -> report(what, producer));
    }

    private static void report(String what, ProducerLoad producer) {
        System.out.println("kill -9 of " + what + ": longest gap between acknowledgements "
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
        producers.forEach(ProducerLoad::close);
        TopicHistory history = TopicHistory.read(cluster, TOPIC, PARTITIONS);
        history.check(producers);
        assertThat(history.size())
                .isGreaterThanOrEqualTo(producers.stream()
                        .mapToLong(ProducerLoad::acknowledgedCount)
                        .sum());
        TopicHistory.checkReplicasAgree(cluster, TOPIC, PARTITIONS);
    }
}
