package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * Where the replicas of a new topic go. Pure.
 *
 * <p>Leaders go round the brokers, and the followers of one leader are spread over all others. Where brokers name racks, neighbours in the
 * round lie in different racks as far as there are enough, so that a partition's replicas do.
 *
 * <p>Within a topic all brokers get equally much: they lead as many partitions and hold as many replicas as each other, or one more, except
 * that in racks of unequal size none puts two replicas of a partition into one rack while another rack has none. Where a topic has fewer partitions or replicas than there are brokers, those that hold the
 * least of all topics come first, so that a broker added to the cluster gets new partitions at once, but not all of a large topic.
 */
final class ReplicaPlacement {
    private final List<Integer> round;
    private final Map<Integer, String> racks;
    private final ReplicaLoad load;
    private final Map<Integer, Integer> leaders = new HashMap<>();
    private final Map<Integer, Integer> held = new HashMap<>();

    private ReplicaPlacement(List<Integer> round, Map<Integer, String> racks, ReplicaLoad load) {
        this.round = round;
        this.racks = racks;
        this.load = load;
    }

    /**
     * Places the partitions of a topic where nothing is yet.
     *
     * @param start where in the round the first partition goes: different topics should start at different places
     * @return per partition its replicas, the preferred leader first
     */
    static List<List<Integer>> place(
            Collection<BrokerRegistration> brokers, int partitionCount, int replicationFactor, int start) {
        return place(brokers, ReplicaLoad.NONE, partitionCount, replicationFactor, start);
    }

    /**
     * Places the partitions of a topic.
     *
     * @param load what the brokers hold already: of those whose turn it is, the one with the least is taken
     */
    static List<List<Integer>> place(
            Collection<BrokerRegistration> brokers,
            ReplicaLoad load,
            int partitionCount,
            int replicationFactor,
            int start) {
        List<Integer> round = alternatingRacks(brokers);
        var racks = new HashMap<Integer, String>();
        brokers.forEach(broker -> racks.put(broker.brokerId(), rackOf(broker)));
        return new ReplicaPlacement(round, racks, load).placed(partitionCount, replicationFactor, start);
    }

    private List<List<Integer>> placed(int partitionCount, int replicationFactor, int start) {
        var assignment = new ArrayList<List<Integer>>(partitionCount);
        // All leaders come before any follower, so that followers go where few partitions are led.
        for (int partition = 0; partition < partitionCount; partition++) {
            assignment.add(led(start + partition, replicationFactor));
        }
        for (int partition = 0; partition < partitionCount; partition++) {
            follow(assignment.get(partition), start + partition, replicationFactor);
        }
        new ReplicaEvening(assignment, round, racks, load).run();
        return assignment.stream().map(List::copyOf).toList();
    }

    private List<Integer> led(int turn, int count) {
        int leader = least(inTurn(turn), this::leading, load::leaders);
        leaders.merge(leader, 1, Integer::sum);
        var chosen = new ArrayList<Integer>(count);
        take(leader, chosen);
        return chosen;
    }

    private void follow(List<Integer> chosen, int turn, int count) {
        // With each time round, followers move on by one, so that no two brokers share all their partitions.
        var candidates = followersInOrder(round.indexOf(chosen.get(0)), Math.floorDiv(turn, round.size()));
        while (chosen.size() < count) {
            var open = candidates.stream().filter(id -> !chosen.contains(id)).toList();
            var inNewRacks = open.stream()
                    .filter(id -> chosen.stream().noneMatch(other -> Objects.equals(racks.get(other), racks.get(id))))
                    .toList();
            take(least(inNewRacks.isEmpty() ? open : inNewRacks, this::holding, load::replicas), chosen);
        }
    }

    private void take(int broker, List<Integer> chosen) {
        chosen.add(broker);
        held.merge(broker, 1, Integer::sum);
    }

    private int leading(int broker) {
        return leaders.getOrDefault(broker, 0);
    }

    private int holding(int broker) {
        return held.getOrDefault(broker, 0);
    }

    /** The first with the least of this topic, and among those the first with the least of all topics. */
    private static int least(List<Integer> candidates, IntUnaryOperator ofTopic, IntUnaryOperator ofAll) {
        return candidates.stream()
                .min(Comparator.<Integer>comparingInt(ofTopic::applyAsInt).thenComparingInt(ofAll::applyAsInt))
                .orElseThrow();
    }

    private List<Integer> inTurn(int turn) {
        var inTurn = new ArrayList<>(round);
        Collections.rotate(inTurn, -Math.floorMod(turn, round.size()));
        return inTurn;
    }

    private List<Integer> followersInOrder(int leaderAt, int shift) {
        int others = round.size() - 1;
        var followers = new ArrayList<Integer>(others);
        for (int i = 0; i < others; i++) {
            followers.add(round.get((leaderAt + 1 + Math.floorMod(i + shift, others)) % round.size()));
        }
        return followers;
    }

    private static List<Integer> alternatingRacks(Collection<BrokerRegistration> brokers) {
        Map<String, List<Integer>> byRack = new TreeMap<>();
        var sorted = new TreeMap<Integer, BrokerRegistration>();
        brokers.forEach(broker -> sorted.put(broker.brokerId(), broker));
        sorted.values().forEach(broker -> byRack.computeIfAbsent(rackOf(broker), rack -> new ArrayList<>())
                .add(broker.brokerId()));
        var round = new ArrayList<Integer>(brokers.size());
        for (int place = 0; round.size() < brokers.size(); place++) {
            for (List<Integer> members : byRack.values()) {
                if (place < members.size()) {
                    round.add(members.get(place));
                }
            }
        }
        return round;
    }

    /** Brokers that name no rack share none: each is its own. */
    private static String rackOf(BrokerRegistration broker) {
        String rack = broker.rack();
        return rack == null ? "broker/" + String.format(Locale.ROOT, "%010d", broker.brokerId()) : "rack/" + rack;
    }
}
