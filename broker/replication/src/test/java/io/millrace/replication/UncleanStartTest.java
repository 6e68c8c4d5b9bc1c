package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Brokers that come back without what was not flushed (KIP-966). In virtual time. */
@Timeout(60)
class UncleanStartTest {
    private static final Map<String, String> FLUSHED_BY_THE_SYSTEM =
            Map.of("min.insync.replicas", "2", "flush.policy", "os");

    private static final Map<String, String> JOURNALED = Map.of("min.insync.replicas", "2", "flush.policy", "journal");

    /** More than the 4 KiB of a segment hold. */
    private static final int RECORDS_OF_SEGMENT = 60;

    private final long seed = System.nanoTime();
    private final QuietCluster cluster = new QuietCluster(seed, 4);

    @Test
    void anEligibleReplicaThatLostItsNewestRecordsWaitsForOneThatHasThem() {
        makeTwoEligible(FLUSHED_BY_THE_SYSTEM);
        cluster.losePower(2);
        cluster.pass(QuietCluster.SESSION_TIMEOUT_MS + 1_000);

        cluster.start(2);
        cluster.pass(5_000);
        boolean hasLeaderTooEarly = cluster.state("t").hasLeader();
        cluster.start(1);
        cluster.await(() -> cluster.state("t").inSyncReplicas().contains(2));

        assertThat(hasLeaderTooEarly).as("seed %d", seed).isFalse();
        assertThat(cluster.values(1, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(cluster.acknowledged());
        assertThat(cluster.values(2, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(cluster.acknowledged());
        assertThat(cluster.acknowledged()).isNotEmpty();
    }

    @Test
    void anEligibleReplicaWhoseProcessDiedLeadsAtOnce() {
        makeTwoEligible(FLUSHED_BY_THE_SYSTEM);
        cluster.crash(2);
        cluster.pass(QuietCluster.SESSION_TIMEOUT_MS + 1_000);

        cluster.start(2);

        cluster.await(() -> cluster.state("t").leaderId() == 2);
        assertThat(cluster.values(2, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(cluster.acknowledged());
    }

    @Test
    void anUncleanReplicaKeepsItsPlaceWhereTheJournalKeepsItsRecords() {
        makeTwoEligible(JOURNALED);
        cluster.losePower(2);
        cluster.pass(QuietCluster.SESSION_TIMEOUT_MS + 1_000);

        cluster.start(2);

        cluster.await(() -> cluster.state("t").leaderId() == 2);
        assertThat(cluster.state("t").inSyncReplicas()).containsExactly(2);
    }

    @Test
    void theOnlyReplicaLeadsWithWhatItHas() {
        cluster.create("t", List.of(List.of(2)), Map.of("flush.policy", "os"));
        cluster.sendForEver("t", "v");
        fillSegments(3);
        cluster.losePower(2);
        cluster.await(() -> !cluster.state("t").hasLeader());
        int before = cluster.acknowledged().size();

        cluster.start(2);

        cluster.await(() -> cluster.state("t").leaderId() == 2);
        fillSegments(1);
        var acknowledgedSince =
                cluster.acknowledged().subList(before, cluster.acknowledged().size());
        assertThat(cluster.values(2, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(acknowledgedSince);
    }

    @Test
    void aBrokerThatComesBackBeforeItWasMissedLeavesWhatItMayLackAndCatchesUp() {
        cluster.create("t", List.of(List.of(2, 1, 3)), FLUSHED_BY_THE_SYSTEM);
        cluster.sendForEver("t", "v");
        fillSegments(4);
        int epoch = cluster.state("t").leaderEpoch();

        cluster.losePower(2);
        cluster.start(2);
        cluster.await(() -> cluster.state("t").leaderEpoch() > epoch);
        int leader = cluster.state("t").leaderId();
        cluster.await(() -> cluster.state("t").inSyncReplicas().size() == 3);
        cluster.pass(2_000);

        assertThat(leader).isNotEqualTo(2);
        assertThat(cluster.values(2, cluster.topic("t").topicId()))
                .as("seed %d", seed)
                .containsAll(cluster.acknowledged());
    }

    /** Two of three replicas hold all that was acknowledged; the leader has died with the only fault that loses nothing, the other lives. */
    private void makeTwoEligible(Map<String, String> configuration) {
        cluster.create("t", List.of(List.of(1, 2, 3)), configuration);
        cluster.sendForEver("t", "v");
        fillSegments(1);
        cluster.crash(3);
        cluster.await(() -> cluster.state("t").inSyncReplicas().equals(List.of(1, 2)));
        fillSegments(2);
        cluster.crash(1);
        cluster.await(() -> cluster.state("t").leaderId() == 2);
    }

    /** Waits until so many more segments have been filled, so that a loss meets rolled segments as well as the newest. */
    private void fillSegments(int count) {
        int wanted = cluster.acknowledged().size() + count * RECORDS_OF_SEGMENT;
        cluster.await(() -> cluster.acknowledged().size() >= wanted);
    }
}
