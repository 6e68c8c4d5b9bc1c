package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.MorePartitions;
import io.millrace.replication.controller.SettingsOutcome;
import io.millrace.replication.controller.TopicResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of partitions when their topic is configured otherwise or gets more of them. */
@Timeout(60)
class TopicChangesTest {
    private static final String MIN_IN_SYNC = "min.insync.replicas";

    private final QuietCluster cluster = new QuietCluster(42, 3);

    @Test
    void aGreaterNumberOfReplicasInSyncBeginsANewLeaderEpochWithTheSameLeader() {
        PartitionState before = create(Map.of(MIN_IN_SYNC, "1")).partitions().get(0);

        configure(Map.of(MIN_IN_SYNC, "2"));

        cluster.awaitTopic("orders", topic -> topic.configuration().containsValue("2"));
        PartitionState after = cluster.state("orders");
        assertThat(after.leaderEpoch()).isEqualTo(before.leaderEpoch() + 1);
        assertThat(after.leaderId()).isEqualTo(before.leaderId());
        assertThat(after.inSyncReplicas()).containsExactlyElementsOf(before.inSyncReplicas());
    }

    @Test
    void anythingElseLeavesTheLeaderEpoch() {
        PartitionState before = create(Map.of(MIN_IN_SYNC, "2")).partitions().get(0);

        configure(Map.of(MIN_IN_SYNC, "1"));
        configure(Map.of(MIN_IN_SYNC, "1", "retention.ms", "5"));

        assertThat(cluster.state("orders")).isEqualTo(before);
    }

    @Test
    void nothingIsCommittedByTooFewReplicasOnceMoreAreNeeded() {
        create(Map.of(MIN_IN_SYNC, "1"));
        cluster.crash(2);
        cluster.crash(3);
        cluster.awaitTopic(
                "orders", topic -> topic.partitions().get(0).inSyncReplicas().equals(List.of(1)));
        cluster.await(() -> cluster.controller().isPresent());

        configure(Map.of(MIN_IN_SYNC, "2"));
        cluster.pass(1_000);
        cluster.sendForEver("orders", "late-");
        cluster.pass(5_000);

        assertThat(cluster.acknowledged()).isEmpty();
        cluster.start(2);
        cluster.await(() -> !cluster.acknowledged().isEmpty());
    }

    @Test
    void aRuleThatRefusesChangesNothing() {
        create(Map.of());

        TopicResult refused = cluster.await(cluster.controller()
                .orElseThrow()
                .changeConfiguration(
                        "orders", before -> SettingsOutcome.refused(ErrorCode.INVALID_CONFIG, "no"), false));

        assertThat(refused.errorCode()).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(refused.message()).isEqualTo("no");
        assertThat(cluster.topic("orders").configuration()).isEmpty();
    }

    @Test
    void newPartitionsAreLedWhileTheOldOnesStayAsTheyAre() {
        TopicImage before = create(Map.of());

        TopicResult grown = grow(4, Optional.empty(), false);

        assertThat(grown.errorCode()).as(grown.message()).isEqualTo(ErrorCode.NONE);
        cluster.awaitTopic("orders", topic -> topic.partitionCount() == 4);
        TopicImage after = cluster.topic("orders");
        assertThat(after.partitions().get(0)).isEqualTo(before.partitions().get(0));
        assertThat(after.assignment().get(0)).isEqualTo(before.assignment().get(0));
        assertThat(after.assignment())
                .allSatisfy(replicas -> assertThat(replicas).containsExactlyInAnyOrder(1, 2, 3));
        assertThat(after.assignment().subList(1, 4))
                .extracting(list -> list.get(0))
                .containsExactlyInAnyOrder(1, 2, 3);
        for (int index = 1; index < 4; index++) {
            var key = new PartitionKey(after.topicId(), index);
            int leader = after.partitions().get(index).leaderId();
            cluster.await(() -> cluster.broker(leader).replicas().partition(key).isPresent());
        }
    }

    @Test
    void newPartitionsGoWhereTheyAreAssigned() {
        create(Map.of());

        grow(2, Optional.of(List.of(List.of(3, 1, 2))), false);

        cluster.awaitTopic("orders", topic -> topic.partitionCount() == 2);
        assertThat(cluster.topic("orders").assignment().get(1)).containsExactly(3, 1, 2);
        assertThat(cluster.topic("orders").partitions().get(1).leaderId()).isEqualTo(3);
    }

    @Test
    void whatCannotGrowIsRefusedWithTheReason() {
        create(Map.of());

        assertThat(grow(1, Optional.empty(), false).errorCode()).isEqualTo(ErrorCode.INVALID_PARTITIONS);
        assertThat(grow(0, Optional.empty(), false).errorCode()).isEqualTo(ErrorCode.INVALID_PARTITIONS);
        assertThat(grow(100_000, Optional.empty(), false).errorCode()).isEqualTo(ErrorCode.INVALID_PARTITIONS);
        assertThat(grow(3, Optional.of(List.of(List.of(1, 2, 3))), false).errorCode())
                .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(grow(2, Optional.of(List.of(List.of(1, 2))), false).errorCode())
                .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(grow(2, Optional.of(List.of(List.of(1, 2, 9))), false).errorCode())
                .isEqualTo(ErrorCode.INVALID_REPLICA_ASSIGNMENT);
        assertThat(grow(2, Optional.empty(), true).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(cluster.topic("orders").partitionCount()).isOne();
    }

    private TopicImage create(Map<String, String> configuration) {
        return cluster.create("orders", List.of(List.of(1, 2, 3)), configuration);
    }

    private void configure(Map<String, String> configuration) {
        TopicResult result = cluster.await(cluster.controller()
                .orElseThrow()
                .changeConfiguration("orders", before -> SettingsOutcome.of(configuration), false));
        assertThat(result.errorCode()).as(result.message()).isEqualTo(ErrorCode.NONE);
    }

    private TopicResult grow(int count, Optional<List<List<Integer>>> assignment, boolean validateOnly) {
        return cluster.await(cluster.controller()
                .orElseThrow()
                .addPartitions(new MorePartitions("orders", count, assignment, validateOnly)));
    }
}
