package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
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
    void aBrokerThatHasLessComesFirstButTakesNoMoreThanItsShareOfATopic() {
        var brokers = brokers("", "", "", "");
        var image = ClusterImage.EMPTY.withTopic(topicOn(List.of(List.of(0, 1), List.of(1, 2), List.of(2, 0))));
        var load = ReplicaLoad.NONE.of(image);

        var small = ReplicaPlacement.place(brokers, load, 1, 2, 0);
        var large = ReplicaPlacement.place(brokers, load, 8, 2, 0);

        assertThat(small.get(0).get(0)).isEqualTo(3);
        for (int broker = 0; broker < 4; broker++) {
            int id = broker;
            assertThat(large).filteredOn(replicas -> replicas.get(0) == id).hasSize(2);
            assertThat(large).filteredOn(replicas -> replicas.contains(id)).hasSize(4);
        }
    }

    @Test
    void theLoadFollowsTheImage() {
        var topic = topicOn(List.of(List.of(0, 1), List.of(1, 2)));
        var one = ReplicaLoad.NONE.of(ClusterImage.EMPTY.withTopic(topic));
        var none = one.of(ClusterImage.EMPTY);

        assertThat(one.replicas(1)).isEqualTo(2);
        assertThat(one.leaders(1)).isEqualTo(1);
        assertThat(none.replicas(1)).isZero();
    }

    @Test
    void withUnevenRacksEachPartitionStillLiesInTwo() {
        var brokers = brokers("a", "a", "a", "a", "b");

        var assignment = ReplicaPlacement.place(brokers, 20, 2, 3);

        assertThat(assignment).allSatisfy(replicas -> assertThat(replicas).contains(4));
        for (int broker = 0; broker < 4; broker++) {
            int id = broker;
            assertThat(assignment).filteredOn(replicas -> replicas.contains(id)).hasSizeBetween(4, 6);
        }
    }

    private static TopicImage topicOn(List<List<Integer>> assignment) {
        var states = assignment.stream()
                .map(replicas -> new PartitionState(replicas.get(0), 0, 0, replicas, List.of()))
                .toList();
        return new TopicImage(new UUID(0, 9), "t", DestinationKind.TOPIC, Map.of(), assignment, states);
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
