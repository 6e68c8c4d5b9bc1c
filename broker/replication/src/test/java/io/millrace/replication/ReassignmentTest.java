package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Partitions that move between brokers, in virtual time. */
@Timeout(60)
class ReassignmentTest {
    private static final Map<String, String> SAFE = Map.of("min.insync.replicas", "2");

    private final long seed = System.nanoTime();
    private final QuietCluster cluster = new QuietCluster(seed, 4);

    private static boolean hasSettled(TopicImage topic) {
        return topic.reassignments().isEmpty();
    }

    @Test
    void aPartitionMovesUnderLoadAndLosesNothing() {
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(1_000);

        var result = cluster.move("t", List.of(4, 3, 2), 0);
        cluster.awaitTopic("t", ReassignmentTest::hasSettled);
        cluster.pass(2_000);

        assertThat(result.errorCode()).as(result.message()).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.topic("t").assignment().get(0)).containsExactly(4, 3, 2);
        assertThat(cluster.state("t").inSyncReplicas()).containsExactlyInAnyOrder(4, 3, 2);
        assertThat(cluster.state("t").leaderId()).isNotEqualTo(1);
        assertThat(cluster.hasReplica(1, topic.topicId())).isFalse();
        assertThat(cluster.values(4, topic.topicId())).as("seed %d", seed).containsAll(cluster.acknowledged());
        assertThat(cluster.longestGapMs()).as("seed %d", seed).isLessThan(1_000);
    }

    @Test
    void aDeadTargetIsWaitedForAndTheMoveCanBeCancelled() {
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "a value that takes some room: ".repeat(10));
        cluster.pass(1_000);
        cluster.move("t", List.of(1, 2, 4), 1);
        cluster.crash(4);
        cluster.pass(10_000);
        var whileDead = cluster.topic("t");

        var result = cluster.cancel("t");
        cluster.pass(1_000);

        assertThat(whileDead.reassignment(0)).isPresent();
        assertThat(whileDead.assignment().get(0)).containsExactly(1, 2, 4, 3);
        assertThat(result.errorCode()).as(result.message()).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.topic("t").assignment().get(0)).containsExactly(1, 2, 3);
        assertThat(cluster.topic("t").reassignments()).isEmpty();
        assertThat(cluster.state("t").inSyncReplicas()).containsExactly(1, 2, 3);
        assertThat(cluster.acknowledged().stream()).hasSizeGreaterThan(300);
        assertThat(cluster.values(3, topic.topicId()))
                .containsAll(List.of(cluster.acknowledged().get(0)));
    }

    @Test
    void aReplicaThatComesBackBeginsAnew() {
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(500);

        // In one breath, so that brokers may see only the last of it.
        for (int i = 0; i < 10; i++) {
            cluster.move("t", List.of(1, 2, 4), 0);
            cluster.cancel("t");
            cluster.move("t", i % 2 == 0 ? List.of(1, 4, 3) : List.of(3, 1), 0);
            cluster.move("t", List.of(1, 2, 3), 0);
        }
        cluster.move("t", List.of(1, 2, 4), 0);
        cluster.awaitTopic("t", ReassignmentTest::hasSettled);
        cluster.crash(1);
        cluster.pass(5_000);

        assertThat(cluster.values(4, topic.topicId()))
                .as("seed %d", seed)
                .containsAll(
                        cluster.acknowledged().subList(0, cluster.acknowledged().size() - 1));
        assertThat(cluster.state("t").inSyncReplicas()).containsExactlyInAnyOrder(2, 4);
    }

    @Test
    void aMoveSurvivesTheControllerAndTheBrokerThatLed() {
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(2_000);
        int controller = cluster.controllerId();
        cluster.move("t", List.of(4, 2, 3), 20_000);
        cluster.pass(200);

        cluster.crash(controller);
        cluster.pass(4_000);
        cluster.start(controller);
        cluster.awaitTopic("t", ReassignmentTest::hasSettled);

        assertThat(cluster.topic("t").assignment().get(0)).containsExactly(4, 2, 3);
        assertThat(cluster.values(4, topic.topicId()))
                .as("seed %d", seed)
                .contains(cluster.acknowledged().get(0));
    }

    @Test
    void aTopicMayBeDeletedWhileItMoves() {
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(2_000);
        cluster.move("t", List.of(4, 2, 3), 1);
        cluster.pass(200);

        cluster.delete("t");
        cluster.pass(2_000);

        for (int broker = 1; broker <= 4; broker++) {
            assertThat(cluster.hasReplica(broker, topic.topicId())).isFalse();
        }
    }

    @Test
    void moreReplicasAreNeededOnlyOnceTheyAreThere() {
        cluster.create("t", List.of(List.of(1)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(2_000);
        cluster.forgetGaps();

        cluster.move("t", List.of(1, 2, 3), 50_000);
        cluster.awaitTopic("t", ReassignmentTest::hasSettled);
        cluster.pass(1_000);

        assertThat(cluster.state("t").inSyncReplicas()).containsExactly(1, 2, 3);
        assertThat(cluster.longestGapMs()).isLessThan(500);
    }

    @Test
    void onlyReplicasThatMoveAreThrottled() {
        long bytesPerSecond = 4_000;
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "a value that takes some room: ".repeat(10));
        cluster.await(() -> bytesOn(1, topic) > 60_000);
        cluster.forgetGaps();
        long startedMs = cluster.nowMs();

        cluster.move("t", List.of(1, 2, 4), bytesPerSecond);
        cluster.pass(10_000);
        long moved = bytesOn(4, topic);
        long took = cluster.nowMs() - startedMs;

        assertThat(cluster.topic("t").reassignment(0)).isPresent();
        assertThat(moved).isBetween(bytesPerSecond * took / 1_000 * 7 / 10, bytesPerSecond * took / 1_000 + 2_048);
        assertThat(cluster.longestGapMs()).isLessThan(500);
        assertThat(cluster.state("t").inSyncReplicas()).containsExactly(1, 2, 3);
    }

    @Test
    void theRateOfABrokerHoldsForMovesThatAreUnderWay() {
        long bytesPerSecond = 4_000;
        var topic = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "a value that takes some room: ".repeat(10));
        cluster.await(() -> bytesOn(1, topic) > 60_000);
        cluster.broker(4).replicas().throttleMoves(bytesPerSecond);
        long startedMs = cluster.nowMs();
        cluster.move("t", List.of(1, 2, 4), 0);
        cluster.pass(10_000);
        long took = cluster.nowMs() - startedMs;

        assertThat(bytesOn(4, topic)).isLessThan(bytesPerSecond * took / 1_000 + 2_048);
        cluster.broker(4).replicas().throttleMoves(Long.MAX_VALUE);

        cluster.await(() -> cluster.topic("t").reassignment(0).isEmpty());
        assertThat(cluster.state("t").inSyncReplicas()).contains(4);
    }

    private long bytesOn(int broker, TopicImage topic) {
        return cluster.broker(broker)
                .replicas()
                .partition(new PartitionKey(topic.topicId(), 0))
                .map(partition -> partition.rawLog(LogKind.DATA).sizeInBytes())
                .orElse(0L);
    }
}
