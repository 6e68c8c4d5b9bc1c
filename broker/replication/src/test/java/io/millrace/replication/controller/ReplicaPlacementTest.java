package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Test
    void racksOfTwoBrokersShareEightPartitionsEquallyWhereverTheyStart() {
        var brokers = brokers("a", "a", "b", "b");

        for (int start = 0; start < 12; start++) {
            var assignment = ReplicaPlacement.place(brokers, 8, 2, start);

            assertThat(held(assignment)).as("start %d", start).isEqualTo(Map.of(0, 4, 1, 4, 2, 4, 3, 4));
            assertThat(leaders(assignment)).as("start %d", start).isEqualTo(Map.of(0, 2, 1, 2, 2, 2, 3, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1 1", "1 1 1", "1 1 1 1", "1 1 1 1 1", "2", "3", "2 2", "3 3", "2 2 2", "3 3 3"})
    void allBrokersOfEqualRacksGetEquallyMuchWhereverTheyStart(String sizes) {
        var brokers = brokers(racksOf(sizes));

        forEachPlacement(brokers, (assignment, factor) -> {
            assertThat(spread(held(assignment), brokers)).isLessThanOrEqualTo(1);
            checkLeadersAndRacks(assignment, brokers, factor);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"2 1", "3 1", "4 1", "3 2", "1 1 2", "1 1 4", "1 2 3", "3 3 1", "1 1 1 3"})
    void brokersOfUnequalRacksGetAsEquallyMuchAsTheRacksAllow(String sizes) {
        var brokers = brokers(racksOf(sizes));

        forEachPlacement(brokers, (assignment, factor) -> {
            checkUnequalOnlyForRacks(assignment, brokers, factor);
            checkLeadersAndRacks(assignment, brokers, factor);
        });
    }

    @Test
    void aLargeTopicOnManyBrokersOfUnequalRacksIsPlacedEvenly() {
        var brokers = brokers(racksOf("8 8 5 3"));

        var assignment =
                assertTimeoutPreemptively(Duration.ofSeconds(20), () -> ReplicaPlacement.place(brokers, 20_000, 3, 1));

        checkUnequalOnlyForRacks(assignment, brokers, 3);
        checkLeadersAndRacks(assignment, brokers, 3);
    }

    @Test
    void theSameBrokersAndLoadGiveTheSamePlacesInWhateverOrderTheyAreNamed() {
        var brokers = brokers(racksOf("1 2 3"));
        var reversed = new ArrayList<>(brokers);
        Collections.reverse(reversed);

        for (int start = 0; start < 30; start++) {
            assertThat(ReplicaPlacement.place(reversed, 13, 3, start))
                    .isEqualTo(ReplicaPlacement.place(brokers, 13, 3, start));
        }
    }

    /** All starting places, some numbers of partitions, all replication factors to four, on an empty cluster and on one filled unevenly. */
    private static void forEachPlacement(
            List<BrokerRegistration> brokers, BiConsumer<List<List<Integer>>, Integer> check) {
        int count = brokers.size();
        var uneven = ReplicaLoad.NONE.of(ClusterImage.EMPTY.withTopic(topicOn(List.of(List.of(0), List.of(0)))));
        for (int partitions : List.of(1, 2, 3, 5, 8, 13)) {
            for (int factor = 1; factor <= Math.min(4, count); factor++) {
                for (int start = 0; start < Math.max(1, count * (count - 1)); start++) {
                    for (ReplicaLoad load : List.of(ReplicaLoad.NONE, uneven)) {
                        var assignment = ReplicaPlacement.place(brokers, load, partitions, factor, start);
                        check.accept(assignment, factor);
                    }
                }
            }
        }
    }

    private static void checkLeadersAndRacks(
            List<List<Integer>> assignment, List<BrokerRegistration> brokers, int factor) {
        long rackCount =
                brokers.stream().map(BrokerRegistration::rack).distinct().count();
        assertThat(spread(leaders(assignment), brokers)).isLessThanOrEqualTo(1);
        assertThat(assignment)
                .allMatch(replicas -> replicas.size() == factor)
                .allMatch(replicas -> Set.copyOf(replicas).size() == factor)
                .allMatch(replicas -> replicas.stream()
                                .map(id -> brokers.get(id).rack())
                                .distinct()
                                .count()
                        == Math.min(factor, rackCount));
    }

    /**
     * A broker may have two more than another only where the other's rack has a replica of each partition already, or, with more replicas than
     * racks, where its own rack has no more than the one of each partition that it must have.
     */
    private static void checkUnequalOnlyForRacks(
            List<List<Integer>> assignment, List<BrokerRegistration> brokers, int factor) {
        var held = held(assignment);
        var ofRack = new HashMap<String, Integer>();
        held.forEach((id, count) -> ofRack.merge(String.valueOf(brokers.get(id).rack()), count, Integer::sum));
        for (BrokerRegistration fuller : brokers) {
            for (BrokerRegistration other : brokers) {
                int more = held.getOrDefault(fuller.brokerId(), 0) - held.getOrDefault(other.brokerId(), 0);
                if (more > 1) {
                    var bound = factor <= ofRack.size() ? other : fuller;
                    assertThat(other.rack()).isNotEqualTo(fuller.rack());
                    assertThat(ofRack.get(bound.rack())).isEqualTo(assignment.size());
                }
            }
        }
    }

    private static Map<Integer, Integer> leaders(List<List<Integer>> assignment) {
        return held(assignment.stream().map(replicas -> replicas.subList(0, 1)).toList());
    }

    private static Map<Integer, Integer> held(List<List<Integer>> assignment) {
        var held = new HashMap<Integer, Integer>();
        assignment.forEach(replicas -> replicas.forEach(id -> held.merge(id, 1, Integer::sum)));
        return held;
    }

    private static int spread(Map<Integer, Integer> counts, List<BrokerRegistration> brokers) {
        var all = brokers.stream()
                .mapToInt(broker -> counts.getOrDefault(broker.brokerId(), 0))
                .summaryStatistics();
        return all.getMax() - all.getMin();
    }

    /** The rack of each broker, from the number of brokers of each rack. */
    private static String[] racksOf(String sizes) {
        var racks = new ArrayList<String>();
        for (String size : sizes.split(" ", -1)) {
            racks.addAll(Collections.nCopies(Integer.parseInt(size), "rack of broker " + racks.size()));
        }
        return racks.toArray(String[]::new);
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
