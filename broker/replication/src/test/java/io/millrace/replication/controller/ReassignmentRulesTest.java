package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.controller.ReassignmentRules.Moved;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReassignmentRulesTest {
    private static final ReassignmentOptions ANY = new ReassignmentOptions(true, 0);

    private final BrokerLiveness liveness = new BrokerLiveness(ControllerConfiguration.DEFAULTS);
    private final ReassignmentRules rules = new ReassignmentRules(
            new PartitionViews(ControllerConfiguration.DEFAULTS, liveness), Set.of(1, 2, 3, 4, 5, 6));
    private final TopicImage healthy =
            topic(List.of(1, 2, 3), new PartitionState(1, 5, 9, List.of(1, 2, 3), List.of()));

    @BeforeEach
    void allAreThere() {
        liveness.assume(
                IntStream.rangeClosed(1, 6)
                        .mapToObj(id -> new BrokerRegistration(id, 100 + id, "host", 9092, null, new UUID(0, id)))
                        .toList(),
                0);
    }

    @Test
    void aMoveBeginsWithTheUnionAndANewLeaderEpoch() throws Exception {
        Moved begun = rules.begun(healthy, 0, List.of(4, 2, 5), ANY);

        assertThat(begun.assignment().replicas()).containsExactly(4, 2, 5, 1, 3);
        assertThat(begun.state()).isEqualTo(new PartitionState(1, 6, 10, List.of(2, 1, 3), List.of()));
        assertThat(after(healthy, begun).replicationFactor(0)).isEqualTo(3);
    }

    @Test
    void itEndsWhenAllReplicasWantedAreInSyncAndElectsOneOfThem() throws Exception {
        TopicImage moving = after(healthy, rules.begun(healthy, 0, List.of(4, 2, 5), ANY));
        TopicImage almost = inSync(moving, List.of(4, 2, 1, 3));
        TopicImage there = inSync(moving, List.of(4, 2, 5, 1, 3));

        var ended = rules.completed(there, 0).orElseThrow();

        assertThat(rules.completed(almost, 0)).isEmpty();
        assertThat(ended.assignment().replicas()).containsExactly(4, 2, 5);
        assertThat(ended.assignment().reassignment()).isEmpty();
        assertThat(ended.state().leaderId()).isEqualTo(4);
        assertThat(ended.state().inSyncReplicas()).containsExactly(4, 2, 5);
        assertThat(ended.state().leaderEpoch()).isEqualTo(7);
    }

    @Test
    void aLeaderThatStaysKeepsItsEpochUnlessMoreMustBeInSync() throws Exception {
        TopicImage fewer = after(healthy, rules.begun(healthy, 0, List.of(2, 1), ANY));
        TopicImage alone = topic(List.of(1), new PartitionState(1, 5, 9, List.of(1), List.of()));
        TopicImage more = inSync(after(alone, rules.begun(alone, 0, List.of(1, 2, 3), ANY)), List.of(1, 2, 3));

        assertThat(fewer.partitions().get(0).leaderEpoch()).isEqualTo(5);
        assertThat(rules.completed(fewer, 0).orElseThrow().state())
                .isEqualTo(new PartitionState(1, 5, 11, List.of(2, 1), List.of()));
        assertThat(rules.completed(more, 0).orElseThrow().state().leaderEpoch()).isEqualTo(7);
    }

    @Test
    void aCancelledMoveEndsWhereItBegan() throws Exception {
        TopicImage moving = inSync(after(healthy, rules.begun(healthy, 0, List.of(4, 5, 6), ANY)), List.of(4, 1, 2, 3));

        Moved cancelled = rules.cancelled(moving, 0);

        assertThat(cancelled.assignment().replicas()).containsExactly(1, 2, 3);
        assertThat(cancelled.state().inSyncReplicas()).containsExactly(1, 2, 3);
        assertThat(cancelled.state().leaderId()).isEqualTo(1);
    }

    @Test
    void aMoveIntoAnotherDirectionForgetsWhoIsWantedNoMore() throws Exception {
        TopicImage moving = inSync(after(healthy, rules.begun(healthy, 0, List.of(4, 5, 1), ANY)), List.of(4, 1, 2, 3));

        Moved turned = rules.begun(moving, 0, List.of(6, 1, 2), ANY);

        assertThat(turned.assignment().replicas()).containsExactly(6, 1, 2, 3);
        assertThat(turned.assignment().reassignment().orElseThrow().original()).containsExactly(1, 2, 3);
        assertThat(turned.state().inSyncReplicas()).containsExactly(1, 2, 3);
    }

    @Test
    void theSameReplicasInAnotherOrderNeedNoMove() throws Exception {
        Moved reordered = rules.begun(healthy, 0, List.of(3, 1, 2), ANY);

        assertThat(reordered.assignment().reassignment()).isEmpty();
        assertThat(reordered.assignment().replicas()).containsExactly(3, 1, 2);
        assertThat(reordered.state().leaderId()).isEqualTo(1);
        assertThat(reordered.state().leaderEpoch()).isEqualTo(5);
    }

    @Test
    void wrongTargetsAreRefusedWithAReason() {
        TopicImage onlyOneInSync = topic(List.of(1, 2, 3), new PartitionState(4, 5, 9, List.of(), List.of()));

        assertRefused(healthy, List.of(), "must be at least one");
        assertRefused(healthy, List.of(1, 1), "different brokers");
        assertRefused(healthy, List.of(1, 7), "different brokers of [1, 2, 3, 4, 5, 6]");
        assertThatThrownBy(() -> rules.begun(healthy, 0, List.of(1, 2), new ReassignmentOptions(false, 0)))
                .hasMessageContaining("must be 3, as many as it has");
        assertThatThrownBy(() -> rules.cancelled(onlyOneInSync, 0)).hasMessageContaining("nothing moves t-0");
    }

    @Test
    void theLastReplicasInSyncCannotBeLost() throws Exception {
        TopicImage moving = inSync(after(healthy, rules.begun(healthy, 0, List.of(4, 5, 6), ANY)), List.of(4));

        assertThatThrownBy(() -> rules.cancelled(moving, 0))
                .hasMessageContaining("must keep at least one of those in sync, [4]");
    }

    @Test
    void aMoveThatIsTurnedKeepsTheLastReplicaThatMayHaveAllRecords() throws Exception {
        TopicImage moving = after(healthy, rules.begun(healthy, 0, List.of(4), ANY));
        TopicImage dark = moving.withPartitions(
                Map.of(0, new PartitionState(PartitionState.NO_LEADER, 8, 12, List.of(), List.of(4))));

        assertRefused(dark, List.of(1, 2, 5), "1 of those that have all its records, [4]");
        assertThatThrownBy(() -> rules.cancelled(dark, 0))
                .hasMessageContaining("1 of those that have all its records, [4]");
        assertThat(rules.begun(dark, 0, List.of(1, 2, 4), ANY).state().leaderId())
                .isEqualTo(4);
    }

    @Test
    void aMoveThatIsTurnedKeepsAsManyReplicasWithAllRecordsAsMustBeInSync() throws Exception {
        TopicImage moving = after(healthy, rules.begun(healthy, 0, List.of(4, 5), ANY));
        TopicImage shrunk = moving.withPartitions(Map.of(0, new PartitionState(1, 8, 12, List.of(1), List.of(4))));

        assertRefused(shrunk, List.of(2, 5), "and 2 of those that have all its records, [1, 4]");
        assertThatThrownBy(() -> rules.cancelled(shrunk, 0)).hasMessageContaining("all its records, [1, 4]");
        assertThat(rules.begun(shrunk, 0, List.of(4, 6), ANY).assignment().replicas())
                .contains(1, 4);
    }

    @Test
    void aBrokerThatIsGoneMayKeepItsPlace() throws Exception {
        var onFour =
                new ReassignmentRules(new PartitionViews(ControllerConfiguration.DEFAULTS, liveness), Set.of(1, 4));

        Moved begun = onFour.begun(healthy, 0, List.of(1, 2, 4), ANY);

        assertThat(begun.assignment().replicas()).containsExactly(1, 2, 4, 3);
    }

    private void assertRefused(TopicImage topic, List<Integer> target, String why) {
        assertThatThrownBy(() -> rules.begun(topic, 0, target, ANY)).hasMessageContaining(why);
    }

    private static TopicImage topic(List<Integer> replicas, PartitionState state) {
        return new TopicImage(new UUID(0, 1), "t", DestinationKind.TOPIC, Map.of(), List.of(replicas), List.of(state));
    }

    private static TopicImage after(TopicImage topic, Moved moved) {
        return topic.withAssignment(Map.of(0, moved.assignment()), Map.of(0, moved.state()));
    }

    private static TopicImage inSync(TopicImage topic, List<Integer> inSync) {
        var state = topic.partitions().get(0);
        int leader = inSync.contains(state.leaderId()) ? state.leaderId() : inSync.get(0);
        return topic.withPartitions(
                Map.of(0, new PartitionState(leader, state.leaderEpoch(), state.partitionEpoch(), inSync, List.of())));
    }
}
