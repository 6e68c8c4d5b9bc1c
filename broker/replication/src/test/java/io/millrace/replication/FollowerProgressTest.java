package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FollowerProgressTest {
    private final FollowerProgress follower = new FollowerProgress(2, 0);

    @Test
    void aFollowerThatHasNotFetchedHasNothing() {
        assertThat(follower.hasFetched(LogKind.DATA)).isFalse();
        assertThat(follower.fetchOffset(LogKind.DATA)).isEqualTo(-1);
    }

    @Test
    void aFollowerThatHasAllDoesNotLagHoweverLongItIsSilent() {
        follower.onFetch(LogKind.DATA, 10, 1, 10, 100);

        assertThat(follower.lagMs(LogKind.DATA, 10, 1_000_000)).isZero();
    }

    @Test
    void aFollowerBeginsToLagWhenTheLogGrows() {
        follower.onFetch(LogKind.DATA, 10, 1, 10, 100);

        follower.beforeAppend(LogKind.DATA, 10, 500);

        assertThat(follower.lagMs(LogKind.DATA, 12, 800)).isEqualTo(300);
    }

    @Test
    void aFollowerThatReachesTheEndOfItsLastFetchWasInStepThen() {
        follower.onFetch(LogKind.DATA, 10, 1, 20, 100);

        follower.onFetch(LogKind.DATA, 20, 1, 30, 400);

        assertThat(follower.lagMs(LogKind.DATA, 30, 500)).isEqualTo(400);
    }

    @Test
    void eachLogLagsForItself() {
        follower.onFetch(LogKind.DATA, 10, 1, 10, 100);

        assertThat(follower.lagMs(LogKind.DATA, 10, 900)).isZero();
        assertThat(follower.lagMs(LogKind.CURSOR, 5, 900)).isEqualTo(900);
    }

    @Test
    void aFetchOfAnEarlierLifeIsIgnored() {
        follower.onFetch(LogKind.DATA, 10, 5, 10, 100);

        boolean taken = follower.onFetch(LogKind.DATA, 20, 4, 20, 200);

        assertThat(taken).isFalse();
        assertThat(follower.fetchOffset(LogKind.DATA)).isEqualTo(10);
    }

    @Test
    void aNewLifeForgetsWhereTheFormerStood() {
        follower.onFetch(LogKind.DATA, 10, 5, 10, 100);

        follower.onFetch(LogKind.CURSOR, 3, 6, 3, 200);

        assertThat(follower.brokerEpoch()).isEqualTo(6);
        assertThat(follower.hasFetched(LogKind.DATA)).isFalse();
    }
}
