package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.ElectionKind;
import io.millrace.replication.controller.PartitionName;
import io.millrace.replication.controller.SettingsOutcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaders that leave, come back and are preferred; topics that come back under their name. In virtual time. */
@Timeout(60)
class LeadershipMovesTest {
    private static final Map<String, String> SAFE = Map.of("min.insync.replicas", "2");

    private final long seed = System.nanoTime();
    private final QuietCluster cluster = new QuietCluster(seed, 3);
    private List<String> onlyOnBroker1 = List.of();

    @Test
    void aBrokerThatShutsDownHandsItsLeadershipsOverFirst() {
        cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(2_000);
        cluster.forgetGaps();
        boolean[] mayGo = {false};

        cluster.broker(1).controlledShutdown(() -> {
            mayGo[0] = true;
            var state = cluster.state("t");
            assertThat(state.leaderId()).isEqualTo(2);
            assertThat(state.inSyncReplicas()).containsExactly(2, 3);
            cluster.crash(1);
        });
        cluster.await(() -> mayGo[0]);
        cluster.pass(2_000);

        assertThat(cluster.longestGapMs()).as("seed %d", seed).isLessThan(700);
        assertThat(cluster.values(2, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(cluster.acknowledged());
    }

    @Test
    void theOnlyReplicaKeepsItsLeadershipAndMayGo() {
        cluster.create("t", List.of(List.of(1)), Map.of());
        boolean[] mayGo = {false};

        cluster.broker(1).controlledShutdown(() -> mayGo[0] = true);
        cluster.pass(1_000);

        assertThat(mayGo[0]).isTrue();
        assertThat(cluster.state("t").leaderId()).isEqualTo(1);
    }

    @Test
    void aBrokerThatReturnsLeadsAgainOnceItIsInSync() {
        cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(1_000);
        cluster.crash(1);
        cluster.await(() -> cluster.state("t").leaderId() == 2);
        cluster.pass(2_000);

        cluster.start(1);
        cluster.await(() -> cluster.state("t").inSyncReplicas().contains(1));
        int leaderWhenInSync = cluster.state("t").leaderId();
        cluster.awaitTopic("t", topic -> topic.partitions().get(0).leaderId() == 1);
        cluster.pass(1_000);

        assertThat(leaderWhenInSync).isEqualTo(2);
        assertThat(cluster.values(1, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(cluster.acknowledged());
    }

    @Test
    void thePreferredLeaderIsElectedOnRequestUnlessItIsNotThere() {
        cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        var name = new PartitionName("t", 0);
        cluster.crash(1);
        cluster.await(() -> cluster.state("t").leaderId() == 2);

        ErrorCode whileGone = elect(name);
        cluster.start(1);
        cluster.await(() -> cluster.state("t").inSyncReplicas().contains(1));
        cluster.pass(100);
        ErrorCode whenBack = elect(name);
        // A controller that has just been replaced answers from what it knew.
        for (int tries = 0; tries < 20 && whenBack == ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE; tries++) {
            cluster.pass(100);
            whenBack = elect(name);
        }
        int leader = cluster.state("t").leaderId();
        ErrorCode again = elect(name);

        assertThat(whileGone).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
        // The controller's own balance may have been faster.
        assertThat(whenBack).as("seed %d", seed).isIn(ErrorCode.NONE, ErrorCode.ELECTION_NOT_NEEDED);
        assertThat(leader).isEqualTo(1);
        assertThat(again).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
        assertThat(elect(new PartitionName("t", 9))).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void aReplicaThatLacksRecordsLeadsOnlyByOrder() {
        loseAllButOneThatLags("t");
        var name = new PartitionName("t", 0);

        ErrorCode preferred = elect(name);
        ErrorCode ordered = elect(ElectionKind.UNCLEAN, name);
        cluster.awaitTopic("t", topic -> topic.partitions().get(0).leaderId() == 2);

        assertThat(preferred).isEqualTo(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE);
        assertThat(ordered).isEqualTo(ErrorCode.NONE);
        assertThat(elect(ElectionKind.UNCLEAN, name)).isEqualTo(ErrorCode.ELECTION_NOT_NEEDED);
        assertThatAllAgreeWithTheUncleanLeader();
    }

    @Test
    void aReplicaThatLacksRecordsLeadsWhereTheTopicIsConfiguredSo() {
        loseAllButOneThatLags("t");
        var unclean = Map.of("min.insync.replicas", "1", "unclean.leader.election.enable", "true");

        cluster.await(cluster.controller()
                .orElseThrow()
                .changeConfiguration("t", before -> SettingsOutcome.of(unclean), false));

        cluster.awaitTopic("t", topic -> topic.partitions().get(0).leaderId() == 2);
        assertThatAllAgreeWithTheUncleanLeader();
    }

    @Test
    void nobodyLeadsWhenNoReplicaIsThere() {
        cluster.create("t", List.of(List.of(3)), Map.of());
        cluster.crash(3);
        cluster.await(() -> !cluster.state("t").hasLeader());

        ErrorCode ordered = elect(ElectionKind.UNCLEAN, new PartitionName("t", 0));

        assertThat(ordered).isEqualTo(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
    }

    /** Broker 2 is there, and broker 1 has more. */
    private void loseAllButOneThatLags(String name) {
        cluster.create(name, List.of(List.of(1, 2, 3)), Map.of("min.insync.replicas", "1"));
        cluster.sendForEver(name, "v");
        cluster.pass(1_000);
        cluster.crash(3);
        cluster.crash(2);
        cluster.await(() -> cluster.state(name).inSyncReplicas().equals(List.of(1)));
        cluster.pass(1_000);
        cluster.crash(1);
        onlyOnBroker1 = List.copyOf(cluster.acknowledged()
                .subList(
                        cluster.acknowledged().size() - 10,
                        cluster.acknowledged().size()));
        cluster.start(2);
        cluster.await(
                () -> cluster.controller().isPresent() && !cluster.state(name).hasLeader());
    }

    private void assertThatAllAgreeWithTheUncleanLeader() {
        var topicId = cluster.topic("t").topicId();
        cluster.pass(500);
        cluster.start(1);
        cluster.start(3);
        cluster.await(() -> cluster.state("t").inSyncReplicas().size() == 3);
        cluster.pass(1_000);
        assertThat(cluster.values(1, topicId)).as("seed %d", seed).doesNotContainAnyElementsOf(onlyOnBroker1);
        int common = cluster.values(2, topicId).size() - 10; // the last ones may be under way
        assertThat(cluster.values(1, topicId).subList(0, common))
                .as("seed %d", seed)
                .isEqualTo(cluster.values(2, topicId).subList(0, common));
    }

    private ErrorCode elect(PartitionName name) {
        return elect(ElectionKind.PREFERRED, name);
    }

    private ErrorCode elect(ElectionKind kind, PartitionName name) {
        cluster.await(() -> cluster.controller().isPresent());
        return cluster.await(cluster.controller().orElseThrow().electLeaders(kind, Optional.of(List.of(name))))
                .orElseThrow()
                .get(name)
                .errorCode();
    }

    @Test
    void aTopicCreatedAgainHoldsNothingOfTheOneBefore() {
        TopicImage old = cluster.create("t", List.of(List.of(1, 2, 3)), SAFE);
        cluster.sendForEver("t", "v");
        cluster.pass(1_000);
        TopicImage latest = old;

        for (int round = 0; round < 5; round++) {
            cluster.crash(1 + round % 3);
            cluster.delete("t");
            int sentBefore = cluster.valuesMade();
            cluster.pass(20);
            latest = cluster.create("t", List.of(List.of(1 + (round + 1) % 3, 1 + (round + 2) % 3)), SAFE);
            cluster.pass(500);
            cluster.start(1 + round % 3);
            cluster.pass(4_000);
            int first = sentBefore;
            for (int broker : latest.assignment().get(0)) {
                assertThat(cluster.values(broker, latest.topicId()))
                        .as(
                                "on broker %d with seed %d, sent before the topic was created was all below v%d",
                                broker, seed, first)
                        .isNotEmpty()
                        .allMatch(value -> Integer.parseInt(value.substring(1)) >= first);
            }
        }

        assertThat(latest.topicId()).isNotEqualTo(old.topicId());
        for (int broker = 1; broker <= 3; broker++) {
            assertThat(cluster.hasReplica(broker, old.topicId())).isFalse();
        }
    }
}
