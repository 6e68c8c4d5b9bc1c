package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.PartitionState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PartitionElectionTest {
    private final Set<Integer> usable = new HashSet<>(Set.of(1, 2, 3));
    private final PartitionElection election = new PartitionElection(List.of(1, 2, 3), 2, usable::contains);
    private final PartitionState healthy = new PartitionState(1, 5, 9, List.of(1, 2, 3), List.of());

    @Test
    void theFirstReplicaInSyncFollowsADeadLeader() {
        usable.remove(1);

        var after = election.without(healthy, id -> id == 1);

        assertThat(after).isEqualTo(new PartitionState(2, 6, 10, List.of(2, 3), List.of()));
    }

    @Test
    void aDeadFollowerLeavesWithoutAnElection() {
        usable.remove(3);

        var after = election.without(healthy, id -> id == 3);

        assertThat(after).isEqualTo(new PartitionState(1, 5, 10, List.of(1, 2), List.of()));
    }

    @Test
    void nothingChangesForABrokerThatIsNotInSync() {
        var state = new PartitionState(1, 5, 9, List.of(1, 2), List.of());

        assertThat(election.without(state, id -> id == 3)).isSameAs(state);
    }

    @Test
    void whoLeavesTooSmallASetStaysEligible() {
        usable.remove(2);
        var state = new PartitionState(1, 5, 9, List.of(1, 2), List.of());

        var after = election.without(state, id -> id == 2);

        assertThat(after.inSyncReplicas()).containsExactly(1);
        assertThat(after.eligibleLeaderReplicas()).containsExactly(2);
    }

    @Test
    void anEligibleReplicaLeadsWhenNobodyInSyncCan() {
        usable.clear();
        usable.add(2);
        var state = new PartitionState(1, 5, 9, List.of(1), List.of(2));

        var after = election.without(state, id -> id == 1);

        assertThat(after).isEqualTo(new PartitionState(2, 6, 10, List.of(2), List.of(1)));
    }

    @Test
    void anUncleanReplicaLeavesTheEligibleOnesAndNobodyElseIsTouched() {
        usable.remove(2);
        var state = new PartitionState(1, 5, 9, List.of(1), List.of(2, 3));

        var after = election.withUnclean(state, 2);

        assertThat(after).isEqualTo(new PartitionState(1, 5, 10, List.of(1), List.of(3)));
    }

    @Test
    void anUncleanReplicaIsNotElectedWhileAnotherMayHaveMore() {
        usable.clear();
        var state = new PartitionState(PartitionState.NO_LEADER, 5, 9, List.of(), List.of(1, 2));

        var after = election.withUnclean(state, 2);
        usable.add(2);

        assertThat(after.eligibleLeaderReplicas()).containsExactly(1);
        assertThat(after.partitionEpoch()).isEqualTo(10);
        assertThat(election.elected(after).hasLeader()).isFalse();
    }

    @Test
    void anUncleanLeaderGivesWay() {
        usable.remove(1);

        var after = election.withUnclean(healthy, 1);

        assertThat(after).isEqualTo(new PartitionState(2, 6, 10, List.of(2, 3), List.of()));
    }

    @Test
    void theLastReplicaStaysThoughItIsUnclean() {
        var state = new PartitionState(PartitionState.NO_LEADER, 5, 9, List.of(), List.of(2));

        var after = election.withUnclean(state, 2);

        assertThat(after).isSameAs(state);
        assertThat(election.elected(after).leaderId()).isEqualTo(2);
    }

    @Test
    void aReplicaThatMayLackCommittedRecordsNeverLeads() {
        usable.clear();
        usable.add(3);
        var state = new PartitionState(1, 5, 9, List.of(1), List.of(2));

        var after = election.without(state, id -> id == 1);

        assertThat(after.leaderId()).isEqualTo(PartitionState.NO_LEADER);
        assertThat(after.inSyncReplicas()).isEmpty();
        assertThat(after.eligibleLeaderReplicas()).containsExactly(1, 2);
    }

    @Test
    void theLastToLeaveLeadsWhenItIsBack() {
        usable.clear();
        usable.add(1);
        var leaderless = new PartitionState(PartitionState.NO_LEADER, 6, 10, List.of(), List.of(1));

        var after = election.elected(leaderless);

        assertThat(after).isEqualTo(new PartitionState(1, 7, 11, List.of(1), List.of()));
    }

    @Test
    void aLeaderlessPartitionWithoutCandidatesIsLeftAlone() {
        usable.clear();
        var leaderless = new PartitionState(PartitionState.NO_LEADER, 6, 10, List.of(), List.of(1));

        assertThat(election.elected(leaderless)).isSameAs(leaderless);
    }

    @Test
    void aSetThatIsLargeEnoughNeedsNobodyElse() {
        var state = new PartitionState(1, 5, 9, List.of(1), List.of(2));

        var after = election.withInSync(state, List.of(3, 1));

        assertThat(after).isEqualTo(new PartitionState(1, 5, 10, List.of(1, 3), List.of()));
    }

    @Test
    void aSoleLeaderThatIsRelievedLeadsInANewEpoch() {
        usable.clear();
        usable.add(1);
        var state = new PartitionState(1, 5, 9, List.of(1), List.of());

        var after = election.relieved(state);

        assertThat(after.leaderId()).isEqualTo(1);
        assertThat(after.leaderEpoch()).isEqualTo(6);
    }

    @Test
    void aLeaderThatLostItsLogIsFollowedByAnother() {
        assertThat(election.withLost(healthy, 1)).isEqualTo(new PartitionState(2, 6, 10, List.of(2, 3), List.of()));
    }

    @Test
    void aFollowerThatLostItsLogLeavesAndTheEpochGrowsSoThatItsPastIsForgotten() {
        assertThat(election.withLost(healthy, 3)).isEqualTo(new PartitionState(1, 6, 10, List.of(1, 2), List.of()));
    }

    @Test
    void whoLostItsLogIsNotEligibleEither() {
        var pair = new PartitionState(1, 5, 9, List.of(1, 2), List.of());
        var alone = new PartitionState(1, 5, 9, List.of(1), List.of(2));

        assertThat(election.withLost(pair, 2)).isEqualTo(new PartitionState(1, 6, 10, List.of(1), List.of()));
        assertThat(election.withLost(alone, 2)).isEqualTo(new PartitionState(1, 6, 10, List.of(1), List.of()));
    }

    @Test
    void anEligibleReplicaLeadsInPlaceOfTheOneInSyncThatLostItsLog() {
        var alone = new PartitionState(1, 5, 9, List.of(1), List.of(2));

        assertThat(election.withLost(alone, 1)).isEqualTo(new PartitionState(2, 6, 10, List.of(2), List.of()));
    }

    @Test
    void aLeaderlessPartitionForgetsAnEligibleReplicaThatLostItsLog() {
        usable.clear();
        var leaderless = new PartitionState(PartitionState.NO_LEADER, 6, 10, List.of(), List.of(1, 2));

        assertThat(election.withLost(leaderless, 1))
                .isEqualTo(new PartitionState(PartitionState.NO_LEADER, 7, 11, List.of(), List.of(2)));
    }

    @Test
    void aReplicaThatIsInNoSetIsForgottenByItsLeaderAllTheSame() {
        var without = new PartitionState(1, 5, 9, List.of(1, 2), List.of());

        assertThat(election.withLost(without, 3)).isEqualTo(new PartitionState(1, 6, 10, List.of(1, 2), List.of()));
    }

    @Test
    void theLastReplicaThatLostItsLogLeadsNoMoreAndStaysEligible() {
        var last = new PartitionState(1, 5, 9, List.of(1), List.of());

        var after = election.withLost(last, 1);

        assertThat(after).isEqualTo(new PartitionState(PartitionState.NO_LEADER, 6, 10, List.of(), List.of(1)));
        assertThat(election.withLost(after, 1)).isSameAs(after);
    }

    @Test
    void anUncleanLeaderIsAloneInSync() {
        usable.remove(1);
        var leaderless = new PartitionState(PartitionState.NO_LEADER, 6, 10, List.of(), List.of(1));

        var elected = election.unclean(leaderless, id -> true);

        assertThat(elected).contains(new PartitionState(2, 7, 11, List.of(2), List.of()));
        assertThat(election.unclean(leaderless, id -> id == 3).orElseThrow().leaderId())
                .isEqualTo(3);
    }

    @Test
    void nobodyIsUncleanWhileThereIsALeader() {
        assertThat(election.unclean(healthy, id -> true)).isEmpty();
    }

    @Test
    void aReplicaWithoutAUsableLogIsNoUncleanLeader() {
        usable.retainAll(Set.of(1));
        var lost = new PartitionState(PartitionState.NO_LEADER, 6, 10, List.of(), List.of(1));

        assertThat(election.unclean(lost, id -> true)).isEmpty();
    }

    @Test
    void theTopicMayPreferServiceToWhatMayBeLost() {
        var lenient = new PartitionElection(List.of(1, 2, 3), 1, usable::contains, id -> id != 2);
        usable.remove(1);
        var state = new PartitionState(1, 5, 9, List.of(1), List.of());

        assertThat(lenient.without(state, id -> id == 1))
                .isEqualTo(new PartitionState(3, 6, 10, List.of(3), List.of()));
        assertThat(lenient.withLost(state, 1).leaderId()).isEqualTo(3);
    }
}
