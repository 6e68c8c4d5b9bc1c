package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChange.Replica;
import io.millrace.replication.PartitionKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Broker N is registered in epoch 100 + N. Broker 1 leads in epoch 5, and 1 and 2 are in sync, as of partition epoch 9. */
class InSyncReplicasRuleTest {
    private static final List<Integer> REPLICAS = List.of(1, 2, 3);

    private final BrokerLiveness liveness = new BrokerLiveness(ControllerConfiguration.DEFAULTS);
    private final InSyncReplicasRule rule = new InSyncReplicasRule(liveness);
    private final PartitionState state = new PartitionState(1, 5, 9, List.of(1, 2), List.of());

    InSyncReplicasRuleTest() {
        liveness.assume(registered().values(), 0);
    }

    @Test
    void aLiveReplicaMayJoin() {
        assertThat(check(wish(replica(1), replica(2), replica(3)))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aMemberMayLeave() {
        assertThat(check(wish(replica(1)))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void theLeaderMayWishWhatIsSoAlready() {
        assertThat(check(wish(replica(1), replica(2)))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aLeaderOfAnEarlierLifeIsRefused() {
        var change = new InSyncReplicasChange(partition(), 1, 100, 5, 9, List.of(replica(1)));

        assertThat(check(change)).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
    }

    @Test
    void aBrokerThatIsNotRegisteredIsRefused() {
        var others = registered();
        others.remove(1);
        liveness.onRegistrations(others);

        assertThat(check(wish(replica(1)))).isEqualTo(ErrorCode.STALE_BROKER_EPOCH);
    }

    @Test
    void whoDoesNotLeadIsFenced() {
        var change = new InSyncReplicasChange(partition(), 2, 102, 5, 9, List.of(replica(2)));

        assertThat(check(change)).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
    }

    @Test
    void aLeaderOfAnEarlierEpochIsFenced() {
        var change = new InSyncReplicasChange(partition(), 1, 101, 4, 9, List.of(replica(1)));

        assertThat(check(change)).isEqualTo(ErrorCode.FENCED_LEADER_EPOCH);
    }

    @Test
    void aWishOnAnOlderStateIsRefused() {
        var change = new InSyncReplicasChange(partition(), 1, 101, 5, 8, List.of(replica(1)));

        assertThat(check(change)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
    }

    @Test
    void aLeaderWithALaterEpochShowsThatThisControllerIsNoneAnyMore() {
        var change = new InSyncReplicasChange(partition(), 1, 101, 6, 10, List.of(replica(1)));

        assertThat(check(change)).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }

    @Test
    void aLeaderThatThisControllerDoesNotKnowShowsTheSame() {
        var change = new InSyncReplicasChange(partition(), 2, 102, 6, 10, List.of(replica(2)));

        assertThat(check(change)).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }

    @Test
    void aLaterPartitionEpochShowsTheSame() {
        var change = new InSyncReplicasChange(partition(), 1, 101, 5, 10, List.of(replica(1)));

        assertThat(check(change)).isEqualTo(ErrorCode.NOT_CONTROLLER);
    }

    @Test
    void onlyReplicasOfThePartitionMayJoin() {
        assertThat(check(wish(replica(1), replica(2), replica(4)))).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aFencedReplicaMayNotJoin() {
        liveness.fence(3);

        assertThat(check(wish(replica(1), replica(2), replica(3)))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    @Test
    void aReplicaThatIsShuttingDownMayNotJoin() {
        liveness.onLeaving(3);

        assertThat(check(wish(replica(1), replica(2), replica(3)))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    @Test
    void aReplicaThatWasSeenInAnEarlierLifeMayNotJoin() {
        assertThat(check(wish(replica(1), replica(2), new Replica(3, 50)))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    @Test
    void aReplicaOfWhichTheLifeIsUnknownMayNotJoin() {
        assertThat(check(wish(replica(1), replica(2), new Replica(3, -1)))).isEqualTo(ErrorCode.INELIGIBLE_REPLICA);
    }

    @Test
    void aMemberStaysThoughItsLeaderHasNotSeenItsLatestLife() {
        assertThat(check(wish(replica(1), new Replica(2, -1), replica(3)))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aLeaderIsInSyncWithItself() {
        assertThat(check(wish(replica(2)))).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    private ErrorCode check(InSyncReplicasChange change) {
        return rule.check(change, state, REPLICAS);
    }

    private static InSyncReplicasChange wish(Replica... wished) {
        return new InSyncReplicasChange(partition(), 1, 101, 5, 9, List.of(wished));
    }

    private static Replica replica(int brokerId) {
        return new Replica(brokerId, 100 + brokerId);
    }

    private static PartitionKey partition() {
        return new PartitionKey(new UUID(0, 1), 0);
    }

    private static Map<Integer, BrokerRegistration> registered() {
        var brokers = new TreeMap<Integer, BrokerRegistration>();
        for (int id = 1; id <= 4; id++) {
            brokers.put(id, new BrokerRegistration(id, 100 + id, "localhost", 9_000 + id, null, new UUID(1, id)));
        }
        return brokers;
    }
}
