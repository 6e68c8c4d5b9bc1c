package io.millrace.cli.rebalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.TopicPartition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RebalancePlannerTest {

    @Property(tries = 200)
    void withoutRacksReplicasAndLeadersAreEvenAndDistinct(
            @ForAll @IntRange(min = 1, max = 9) int brokerCount,
            @ForAll @IntRange(min = 1, max = 4) int factor,
            @ForAll @IntRange(min = 0, max = 60) int partitions,
            @ForAll Random random) {
        var brokers = brokers(brokerCount);
        var before = anywhere(brokers, Math.min(factor, brokerCount), partitions, random);

        var after = after(before, RebalancePlanner.plan(brokers, Map.of(), before));

        assertThat(after.values()).allSatisfy(replicas -> assertThat(replicas).doesNotHaveDuplicates());
        assertThat(after)
                .allSatisfy((partition, replicas) -> assertThat(replicas).hasSameSizeAs(before.get(partition)));
        assertThat(spread(brokers, broker -> load(after, broker))).isLessThanOrEqualTo(1);
        assertThat(spread(brokers, broker -> leaderships(after, broker))).isLessThanOrEqualTo(1);
    }

    @Property(tries = 200)
    void aBrokerAddedToEvenOnesTakesItsShareAndNothingElseMoves(
            @ForAll @IntRange(min = 1, max = 8) int brokerCount,
            @ForAll @IntRange(min = 1, max = 3) int factor,
            @ForAll @IntRange(min = 0, max = 80) int partitions,
            @ForAll Random random) {
        var old = brokers(brokerCount);
        var scattered = anywhere(old, Math.min(factor, brokerCount), partitions, random);
        var even = after(scattered, RebalancePlanner.plan(old, Map.of(), scattered));
        var brokers = brokers(brokerCount + 1);

        var plan = RebalancePlanner.plan(brokers, Map.of(), even);

        int replicas = even.values().stream().mapToInt(List::size).sum();
        var added = plan.stream().flatMap(move -> move.adding().stream()).toList();
        assertThat(added).hasSize(replicas / (brokerCount + 1)).allMatch(broker -> broker == brokerCount);
        assertThat(spread(brokers, broker -> load(after(even, plan), broker))).isLessThanOrEqualTo(1);
    }

    @Property(tries = 200)
    void noPartitionLosesARackAndNothingGetsLessEven(
            @ForAll @IntRange(min = 2, max = 9) int brokerCount,
            @ForAll @IntRange(min = 1, max = 3) int rackCount,
            @ForAll @IntRange(min = 1, max = 3) int factor,
            @ForAll Random random) {
        var brokers = brokers(brokerCount);
        var racks = new HashMap<Integer, String>();
        brokers.forEach(broker -> racks.put(broker, "rack-" + random.nextInt(rackCount)));
        var before = anywhere(brokers, Math.min(factor, brokerCount), 40, random);

        var after = after(before, RebalancePlanner.plan(brokers, racks, before));

        assertThat(after).allSatisfy((partition, replicas) -> {
            assertThat(replicas).doesNotHaveDuplicates();
            assertThat(racksOf(replicas, racks)).isGreaterThanOrEqualTo(racksOf(before.get(partition), racks));
        });
        assertThat(spread(brokers, broker -> load(after, broker)))
                .isLessThanOrEqualTo(Math.max(1, spread(brokers, broker -> load(before, broker))));
    }

    @Property(tries = 100)
    void aSecondPlanIsEmpty(@ForAll @IntRange(min = 1, max = 6) int brokerCount, @ForAll Random random) {
        var brokers = brokers(brokerCount);
        var before = anywhere(brokers, Math.min(2, brokerCount), 30, random);
        var after = after(before, RebalancePlanner.plan(brokers, Map.of(), before));

        assertThat(RebalancePlanner.plan(brokers, Map.of(), after)).isEmpty();
    }

    @Property(tries = 100)
    void aDrainedBrokerKeepsNothing(@ForAll @IntRange(min = 3, max = 7) int brokerCount, @ForAll Random random) {
        var before = anywhere(brokers(brokerCount), 2, 40, random);
        var staying = brokers(brokerCount);
        staying.remove(Integer.valueOf(random.nextInt(brokerCount)));

        var after = after(before, RebalancePlanner.plan(staying, Map.of(), before));

        assertThat(after.values()).allSatisfy(replicas -> {
            assertThat(staying).containsAll(replicas);
            assertThat(replicas).doesNotHaveDuplicates();
        });
        assertThat(spread(staying, broker -> load(after, broker))).isLessThanOrEqualTo(1);
    }

    @Test
    void tooFewBrokersAreRefusedByName() {
        var before = Map.of(new TopicPartition("orders", 3), List.of(1, 2));

        assertThatThrownBy(() -> RebalancePlanner.plan(List.of(1), Map.of(), before))
                .isInstanceOf(RebalancePlanner.ImpossibleException.class)
                .hasMessageContaining("orders-3 has 2 replicas [1, 2]")
                .hasMessageContaining("without broker 2");
    }

    private static List<Integer> brokers(int count) {
        return new ArrayList<>(IntStream.range(0, count).boxed().toList());
    }

    private static Map<TopicPartition, List<Integer>> anywhere(
            List<Integer> brokers, int factor, int partitions, Random random) {
        var placed = new HashMap<TopicPartition, List<Integer>>();
        for (int index = 0; index < partitions; index++) {
            var shuffled = new ArrayList<>(brokers);
            Collections.shuffle(shuffled, random);
            placed.put(new TopicPartition("topic-" + index % 5, index / 5), shuffled.subList(0, factor));
        }
        return placed;
    }

    private static Map<TopicPartition, List<Integer>> after(
            Map<TopicPartition, List<Integer>> before, List<PartitionMove> plan) {
        var after = new HashMap<>(before);
        plan.forEach(move -> {
            assertThat(move.from()).isEqualTo(before.get(move.partition()));
            after.put(move.partition(), move.to());
        });
        return after;
    }

    private static int load(Map<TopicPartition, List<Integer>> placed, int broker) {
        return (int) placed.values().stream()
                .filter(replicas -> replicas.contains(broker))
                .count();
    }

    private static int leaderships(Map<TopicPartition, List<Integer>> placed, int broker) {
        return (int) placed.values().stream()
                .filter(replicas -> replicas.get(0) == broker)
                .count();
    }

    private static int spread(List<Integer> brokers, ToIntFunction<Integer> load) {
        IntSummaryStatistics loads = brokers.stream().mapToInt(load).summaryStatistics();
        return loads.getMax() - loads.getMin();
    }

    private static int racksOf(List<Integer> replicas, Map<Integer, String> racks) {
        return new HashSet<>(replicas.stream().map(racks::get).toList()).size();
    }
}
