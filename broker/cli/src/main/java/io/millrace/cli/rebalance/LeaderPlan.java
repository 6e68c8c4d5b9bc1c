package io.millrace.cli.rebalance;

import io.millrace.client.TopicPartition;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which of its replicas each partition prefers as leader, so that all brokers lead equally many, give or take one, where the replicas allow it.
 * Pure; no records move for it.
 *
 * <p>A broker that leads too much hands a partition to another replica, which may hand one on in turn, until one is reached that leads too
 * little: the shortest such chain each time (augmenting paths of a flow).
 */
final class LeaderPlan {
    private final Set<Integer> brokers;
    private final Placement placement;
    private final Map<Integer, Set<TopicPartition>> ledBy = new TreeMap<>();

    /** How the chain came to a broker: by this partition, from that broker. */
    private record Step(TopicPartition partition, int from) {}

    LeaderPlan(Set<Integer> brokers, Placement placement, Collection<TopicPartition> partitions) {
        this.brokers = brokers;
        this.placement = placement;
        brokers.forEach(id -> ledBy.put(id, newSet()));
        partitions.forEach(partition -> led(placement.replicas(partition).get(0), partition));
    }

    private void led(int broker, TopicPartition partition) {
        partitionsOf(broker).add(partition);
    }

    private Set<TopicPartition> partitionsOf(int broker) {
        return ledBy.computeIfAbsent(broker, id -> newSet());
    }

    private static Set<TopicPartition> newSet() {
        return new TreeSet<>((a, b) -> a.topic().equals(b.topic())
                ? Integer.compare(a.partition(), b.partition())
                : a.topic().compareTo(b.topic()));
    }

    private int led(int broker) {
        return ledBy.getOrDefault(broker, Set.of()).size();
    }

    void evenOut() {
        boolean changes = true;
        while (changes) {
            changes = false;
            for (int broker : brokers.stream().sorted((a, b) -> led(b) - led(a)).collect(Collectors.toList())) {
                if (handOver(broker)) {
                    changes = true;
                    break;
                }
            }
        }
    }

    /** Lets a broker lead one partition less, if another one ends up with more that has at least two less. */
    private boolean handOver(int broker) {
        var reachedBy = new HashMap<Integer, Step>();
        var toVisit = new ArrayDeque<Integer>();
        toVisit.add(broker);
        while (!toVisit.isEmpty()) {
            int from = toVisit.poll();
            for (TopicPartition partition : ledBy.getOrDefault(from, Set.of())) {
                Optional<Integer> end = visit(broker, new Step(partition, from), reachedBy, toVisit);
                if (end.isPresent()) {
                    follow(end.get(), broker, reachedBy);
                    return true;
                }
            }
        }
        return false;
    }

    private Optional<Integer> visit(int start, Step step, Map<Integer, Step> reachedBy, ArrayDeque<Integer> toVisit) {
        for (int replica : placement.replicas(step.partition)) {
            if (replica != start && brokers.contains(replica) && reachedBy.putIfAbsent(replica, step) == null) {
                if (led(replica) <= led(start) - 2) {
                    return Optional.of(replica);
                }
                toVisit.add(replica);
            }
        }
        return Optional.empty();
    }

    private void follow(int end, int start, Map<Integer, Step> reachedBy) {
        int to = end;
        while (to != start) {
            Step step = Objects.requireNonNull(reachedBy.get(to), "a chain leads back to where it began");
            placement.lead(step.partition, to);
            partitionsOf(step.from).remove(step.partition);
            led(to, step.partition);
            to = step.from;
        }
    }
}
