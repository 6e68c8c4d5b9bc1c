package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Where the replicas of a new topic go. Pure.
 *
 * <p>Leaders go round the brokers, and the followers of one leader are spread over all others. Where brokers name racks, neighbours in the
 * round lie in different racks as far as there are enough, so that a partition's replicas do.
 */
final class ReplicaPlacement {
    private ReplicaPlacement() {}

    /**
     * @param start where in the round the first partition goes: different topics should start at different places
     * @return per partition its replicas, the preferred leader first
     */
    static List<List<Integer>> place(
            Collection<BrokerRegistration> brokers, int partitionCount, int replicationFactor, int start) {
        List<Integer> round = alternatingRacks(brokers);
        var assignment = new ArrayList<List<Integer>>(partitionCount);
        for (int partition = 0; partition < partitionCount; partition++) {
            int leaderAt = Math.floorMod(start + partition, round.size());
            // With each time round, followers move on by one, so that no two brokers share all their partitions.
            int shift = (start + partition) / round.size();
            assignment.add(replicas(brokers, round, leaderAt, shift, replicationFactor));
        }
        return assignment;
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

    private static List<Integer> replicas(
            Collection<BrokerRegistration> brokers, List<Integer> round, int leaderAt, int shift, int count) {
        Map<Integer, String> racks = new LinkedHashMap<>();
        brokers.forEach(broker -> racks.put(broker.brokerId(), rackOf(broker)));
        var chosen = new ArrayList<Integer>(count);
        chosen.add(round.get(leaderAt));
        var candidates = followersInOrder(round, leaderAt, shift);
        takeFromNewRacks(candidates, racks, chosen, count);
        for (int candidate : candidates) {
            if (chosen.size() < count && !chosen.contains(candidate)) {
                chosen.add(candidate);
            }
        }
        return List.copyOf(chosen);
    }

    private static List<Integer> followersInOrder(List<Integer> round, int leaderAt, int shift) {
        int others = round.size() - 1;
        var followers = new ArrayList<Integer>(others);
        for (int i = 0; i < others; i++) {
            followers.add(round.get((leaderAt + 1 + Math.floorMod(i + shift, others)) % round.size()));
        }
        return followers;
    }

    private static void takeFromNewRacks(
            List<Integer> candidates, Map<Integer, String> racks, List<Integer> chosen, int count) {
        for (int candidate : candidates) {
            boolean isNewRack = chosen.stream().noneMatch(id -> Objects.equals(racks.get(id), racks.get(candidate)));
            if (chosen.size() < count && isNewRack) {
                chosen.add(candidate);
            }
        }
    }
}
