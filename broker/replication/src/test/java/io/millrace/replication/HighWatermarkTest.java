package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HighWatermarkTest {
    private final Map<Integer, FollowerProgress> followers = new HashMap<>();

    @Test
    void theSlowestReplicaDecides() {
        follower(2, 8);
        follower(3, 6);

        assertThat(of(3, 2, Set.of(1, 2, 3))).isEqualTo(6);
    }

    @Test
    void aReplicaOutOfSyncDoesNotHoldUpTheOthers() {
        follower(2, 8);
        follower(3, 1);

        assertThat(of(2, 2, Set.of(1, 2))).isEqualTo(8);
    }

    @Test
    void aReplicaThatMayHaveBecomeInSyncHoldsUpTheOthers() {
        follower(2, 8);
        follower(3, 5);

        assertThat(of(2, 2, Set.of(1, 2, 3))).isEqualTo(5);
    }

    @Test
    void nothingIsCommittedWithTooFewInSync() {
        follower(2, 8);

        assertThat(of(1, 2, Set.of(1, 2))).isEqualTo(HighWatermark.UNCHANGED);
    }

    @Test
    void aFollowerThatHasNotFetchedInThisEpochHoldsUpEverything() {
        followers.put(2, new FollowerProgress(2, 0));

        assertThat(of(2, 1, Set.of(1, 2))).isNegative();
    }

    @Test
    void aLeaderAloneCommitsAll() {
        assertThat(of(1, 1, Set.of(1))).isEqualTo(10);
    }

    private void follower(int brokerId, long fetchOffset) {
        var progress = new FollowerProgress(brokerId, 0);
        progress.onFetch(LogKind.DATA, fetchOffset, 1, 10, 0);
        followers.put(brokerId, progress);
    }

    private long of(int committed, int min, Set<Integer> maximal) {
        return HighWatermark.of(LogKind.DATA, 10, committed, min, maximal, followers);
    }
}
