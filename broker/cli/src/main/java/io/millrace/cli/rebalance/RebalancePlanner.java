package io.millrace.cli.rebalance;

import io.millrace.client.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which partitions to move so that all brokers hold the same number of replicas and are the preferred leaders of the same number of
 * partitions, give or take one, with as few moves as that takes. Pure.
 *
 * <p>A move never puts two replicas of a partition on one broker, and never spreads a partition over fewer racks. Where racks forbid to be
 * even, it is as even as single moves can make it. Replicas on brokers that are to be used no more move first.
 */
public final class RebalancePlanner {
    /** Why there is no plan. */
    public static final class ImpossibleException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ImpossibleException(String message) {
            super(message);
        }
    }

    private final TreeSet<Integer> brokers;
    private final Map<TopicPartition, List<Integer>> before;
    private final Placement placement;

    private RebalancePlanner(
            Collection<Integer> brokers, Map<Integer, String> racks, Map<TopicPartition, List<Integer>> before) {
        this.brokers = new TreeSet<>(brokers);
        this.before = before;
        this.placement = new Placement(brokers, racks, before);
    }

    /**
     * Makes a plan.
     *
     * @param brokers that replicas may lie on
     * @param racks of brokers that name one
     * @param before the replicas of the partitions, the preferred leader first
     * @return the moves, in the order of partitions
     * @throws ImpossibleException if a partition has more replicas than there are brokers to use
     */
    public static List<PartitionMove> plan(
            Collection<Integer> brokers, Map<Integer, String> racks, Map<TopicPartition, List<Integer>> before) {
        var planner = new RebalancePlanner(brokers, racks, before);
        planner.leaveOtherBrokers();
        planner.evenOutReplicas();
        new LeaderPlan(planner.brokers, planner.placement, before.keySet()).evenOut();
        return planner.moves();
    }

    private List<Integer> before(TopicPartition partition) {
        return before.getOrDefault(partition, List.of());
    }

    private void leaveOtherBrokers() {
        for (TopicPartition partition : inOrder(before.keySet())) {
            for (int broker : before(partition)) {
                if (!brokers.contains(broker)) {
                    placement.replace(partition, broker, substitute(partition, broker));
                }
            }
        }
    }

    private static List<TopicPartition> inOrder(Collection<TopicPartition> partitions) {
        return partitions.stream()
                .sorted(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition))
                .toList();
    }

    private int substitute(TopicPartition partition, int leaving) {
        var replicas = placement.replicas(partition);
        return brokers.stream()
                .filter(id -> !replicas.contains(id))
                .min(Comparator.<Integer>comparingInt(id -> -placement.racksAfter(partition, leaving, id))
                        .thenComparingInt(placement::load)
                        .thenComparingInt(id -> placement.load(id, partition.topic()))
                        .thenComparingInt(id -> id))
                .orElseThrow(() -> new ImpossibleException(partition + " has " + replicas.size()
                        + " replicas " + replicas + "; the brokers " + brokers + " are too few for it without broker "
                        + leaving));
    }

    private void evenOutReplicas() {
        boolean moves = true;
        while (moves) {
            moves = moveOne();
        }
    }

    /** Moves a replica from as full a broker as possible to as empty a one as possible. */
    private boolean moveOne() {
        var emptyFirst = new ArrayList<>(brokers);
        emptyFirst.sort(Comparator.<Integer>comparingInt(placement::load).thenComparingInt(id -> id));
        for (int last = emptyFirst.size() - 1; last > 0; last--) {
            for (int first = 0; first < last; first++) {
                int from = emptyFirst.get(last);
                int to = emptyFirst.get(first);
                if (placement.load(from) - placement.load(to) < 2) {
                    break;
                }
                Optional<TopicPartition> movable = movable(from, to);
                if (movable.isPresent()) {
                    placement.replace(movable.get(), from, to);
                    return true;
                }
            }
        }
        return false;
    }

    /** The partition that best moves: of a topic of which one broker has many and the other few, and rather one moved already. */
    private Optional<TopicPartition> movable(int from, int to) {
        return placement.on(from).stream()
                .filter(partition -> !placement.replicas(partition).contains(to))
                .filter(partition -> placement.racksAfter(partition, from, to) >= placement.racks(partition))
                .min(Comparator.<TopicPartition>comparingInt(
                                partition -> before(partition).contains(from) ? 1 : 0)
                        .thenComparingInt(partition ->
                                placement.load(to, partition.topic()) - placement.load(from, partition.topic())));
    }

    private List<PartitionMove> moves() {
        return inOrder(before.keySet()).stream()
                .filter(partition -> !before(partition).equals(placement.replicas(partition)))
                .map(partition -> new PartitionMove(partition, before(partition), placement.replicas(partition)))
                .toList();
    }
}
