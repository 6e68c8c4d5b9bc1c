package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.InMemoryDisk.Operation;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of replicas whose logs are damaged, missing or on a disk that fails, in a cluster of three brokers. */
@Timeout(60)
class LostReplicaTest {
    private static final String TOPIC = "orders";
    private static final Map<String, String> CONFIGURATION = Map.of("min.insync.replicas", "2");

    private final QuietCluster cluster = new QuietCluster(7, 3);

    private UUID filledTopic() {
        UUID topicId =
                cluster.create(TOPIC, List.of(List.of(1, 2, 3)), CONFIGURATION).topicId();
        cluster.sendForEver(TOPIC, "value-");
        cluster.pass(2_000);
        return topicId;
    }

    private static boolean isWhole(TopicImage topic) {
        return topic.partitions().get(0).inSyncReplicas().size() == 3;
    }

    private void assertThatNothingIsLost(UUID topicId) {
        for (int brokerId = 1; brokerId <= 3; brokerId++) {
            assertThat(cluster.values(brokerId, topicId))
                    .as("records on broker %d", brokerId)
                    .containsAll(cluster.acknowledged());
        }
    }

    @Test
    void aLeaderThatComesBackWithADamagedLogIsRepairedFromTheNextOneAndDoesNotLeadBefore() {
        UUID topicId = filledTopic();
        cluster.crash(1);
        assertThat(cluster.broker(1).damage(TOPIC::equals)).isPresent();
        int epochAtDamage = cluster.state(TOPIC).leaderEpoch();

        cluster.start(1);
        cluster.awaitTopic(TOPIC, topic -> topic.partitions().get(0).leaderEpoch() > epochAtDamage);
        PartitionState released = cluster.state(TOPIC);
        cluster.awaitTopic(TOPIC, LostReplicaTest::isWhole);
        cluster.pass(1_000);

        assertThat(released.leaderId()).isNotEqualTo(1);
        assertThat(released.inSyncReplicas()).doesNotContain(1);
        assertThat(released.eligibleLeaderReplicas()).doesNotContain(1);
        assertThatNothingIsLost(topicId);
    }

    @Test
    void aDirectoryThatFailsCostsItsReplicasTheirLeadershipAndTheOthersGoOn() {
        UUID topicId = filledTopic();
        cluster.forgetGaps();

        cluster.broker(1).failDirectories(operation -> operation == Operation.WRITE);
        cluster.awaitTopic(TOPIC, topic -> topic.partitions().get(0).leaderId() == 2);
        cluster.pass(1_000);

        assertThat(cluster.state(TOPIC).inSyncReplicas()).containsExactly(2, 3);
        assertThat(cluster.longestGapMs()).as("longest gap of sends in ms").isLessThan(500);
        cluster.crash(1);
        cluster.broker(1).healDisk();
        cluster.start(1);
        cluster.awaitTopic(TOPIC, LostReplicaTest::isWhole);
        cluster.pass(1_000);
        assertThatNothingIsLost(topicId);
    }

    @Test
    void aBrokerWhoseDiskWasReplacedIsFilledAnewAndDoesNotLeadBefore() {
        UUID topicId = filledTopic();
        cluster.crash(1);
        cluster.broker(1).replaceDisk();

        cluster.start(1);
        cluster.awaitTopic(
                TOPIC, topic -> !LostReplicas.isNamed(topic.partitions().get(0), 1));
        cluster.awaitTopic(TOPIC, LostReplicaTest::isWhole);
        cluster.pass(1_000);

        assertThatNothingIsLost(topicId);
    }

    @Test
    void theLastReplicaOfAPartitionStaysOfflineWhenItsDiskWasReplaced() {
        cluster.create("single", List.of(List.of(1)), Map.of());
        cluster.crash(1);
        cluster.broker(1).replaceDisk();

        cluster.start(1);
        cluster.awaitTopic("single", topic -> !topic.partitions().get(0).hasLeader());
        cluster.pass(5_000);
        cluster.crash(1);
        cluster.start(1);
        cluster.pass(5_000);

        assertThat(cluster.state("single").hasLeader()).isFalse();
        assertThat(cluster.state("single").eligibleLeaderReplicas()).containsExactly(1);
    }

    @Test
    void aDamagedBatchThatALeaderServesIsNoticedByItsFollowersAndRepaired() {
        UUID topicId = filledTopic();
        cluster.crash(3);
        cluster.pass(1_000);
        cluster.broker(1).damageBeyond(cluster.broker(3).durableEndOffset(new PartitionKey(topicId, 0), LogKind.DATA));

        cluster.start(3);
        cluster.awaitTopic(TOPIC, topic -> topic.partitions().get(0).leaderId() == 2);
        cluster.awaitTopic(TOPIC, LostReplicaTest::isWhole);
        cluster.pass(1_000);

        assertThatNothingIsLost(topicId);
    }

    @Test
    void aFollowerOnAFullDiskLeavesAndComesBackByItself() {
        UUID topicId = filledTopic();

        cluster.broker(3).fillDisk();
        cluster.awaitTopic(
                TOPIC, topic -> topic.partitions().get(0).inSyncReplicas().equals(List.of(1, 2)));
        cluster.broker(3).healDisk();
        cluster.awaitTopic(TOPIC, LostReplicaTest::isWhole);
        cluster.pass(1_000);

        assertThat(cluster.state(TOPIC).leaderId()).isEqualTo(1);
        assertThatNothingIsLost(topicId);
    }
}
