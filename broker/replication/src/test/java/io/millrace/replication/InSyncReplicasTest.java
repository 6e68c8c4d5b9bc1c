package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InSyncReplicasTest {
    private final InSyncReplicas replicas = new InSyncReplicas(List.of(1, 2), 7);

    @Test
    void aWishCountsUntilItIsDecided() {
        replicas.send(List.of(1, 2, 3));

        assertThat(replicas.maximal()).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(replicas.committed()).containsExactly(1, 2);
    }

    @Test
    void aWishToShrinkKeepsTheLargerSetUntilItIsDecided() {
        replicas.send(List.of(1));

        assertThat(replicas.maximal()).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void aCommittedStateSettlesTheWish() {
        replicas.send(List.of(1));

        replicas.onCommitted(List.of(1), 8);

        assertThat(replicas.isSettled()).isTrue();
        assertThat(replicas.maximal()).containsExactly(1);
    }

    @Test
    void anOlderStateChangesNothing() {
        boolean isNews = replicas.onCommitted(List.of(1), 7);

        assertThat(isNews).isFalse();
        assertThat(replicas.committed()).containsExactly(1, 2);
    }

    @Test
    void aRefusedWishIsForgotten() {
        replicas.send(List.of(1, 2, 3));

        replicas.onRefused();

        assertThat(replicas.isSettled()).isTrue();
        assertThat(replicas.maximal()).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void aWishRefusedAfterAnUnansweredOneStillCounts() {
        replicas.send(List.of(1, 2, 3));
        replicas.onUnanswered();
        replicas.send(replicas.wish());

        replicas.onRefused();

        // The first one may still arrive at the controller; only a newer partition epoch makes it harmless.
        assertThat(replicas.isSettled()).isFalse();
        assertThat(replicas.maximal()).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(replicas.wish()).containsExactly(1, 2);
    }

    @Test
    void laggingReplicasAreLeftOutOfAWish() {
        assertThat(replicas.without(Set.of(2))).containsExactly(1);
        assertThat(replicas.with(3)).containsExactly(1, 2, 3);
    }
}
