package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReplicaPlacementTest {
    @Test
    void leadersGoRoundAndReplicasDiffer() {
        var brokers = brokers("", "", "", "");

        var assignment = ReplicaPlacement.place(brokers, 8, 3, 5);

        Map<Integer, Integer> leaderships = new HashMap<>();
        assignment.forEach(replicas -> leaderships.merge(replicas.get(0), 1, Integer::sum));
        assertThat(leaderships).containsOnlyKeys(0, 1, 2, 3).allSatisfy((id, count) -> assertThat(count)
                .isEqualTo(2));
        assertThat(assignment)
                .allSatisfy(replicas -> assertThat(replicas).hasSize(3).doesNotHaveDuplicates());
    }

    @Test
    void replicasLieInDifferentRacks() {
        var brokers = brokers("a", "a", "b", "b", "c", "c");

        var assignment = ReplicaPlacement.place(brokers, 24, 3, 1);

        assertThat(assignment)
                .allSatisfy(replicas ->
                        assertThat(replicas.stream().map(id -> id / 2)).doesNotHaveDuplicates());
    }

    @Test
    void moreReplicasThanRacksAreStillPlaced() {
        var assignment = ReplicaPlacement.place(brokers("a", "a", "a", "b"), 6, 3, 0);

        assertThat(assignment).allSatisfy(replicas -> {
            assertThat(replicas).hasSize(3).doesNotHaveDuplicates();
            assertThat(replicas).contains(3);
        });
    }

    @Test
    void oneBrokerTakesAll() {
        assertThat(ReplicaPlacement.place(brokers(""), 2, 1, 77)).containsExactly(List.of(0), List.of(0));
    }

    private static List<BrokerRegistration> brokers(String... racks) {
        return IntStream.range(0, racks.length)
                .mapToObj(id -> BrokerRegistration.wanted(
                        id, "host", 9092, racks[id].isEmpty() ? null : racks[id], new UUID(0, id)))
                .toList();
    }
}
