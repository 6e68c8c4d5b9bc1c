package io.millrace.replication.controller;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What makes the replicas of a new topic even after its partitions were placed one by one, when none could know what the later ones would need.
 *
 * <p>Followers move from the fullest broker to the emptiest, where need be over others: one of the first's goes to a second, and one of the
 * second's to a third. Leaders stay, and so does the number of racks that each partition lies in. Owned by one placement.
 *
 * <p>Where no such way is left, the counts are as even as leaders and racks allow: each partition's followers can be exchanged one by one
 * (they are the bases of a matroid), and for sums of those no worse arrangement is a dead end. A way is the shortest there is, so that its
 * steps do not spoil one another even where two of them meet in a partition.
 */
final class ReplicaEvening {
    private final List<List<Integer>> assignment;
    private final Map<Integer, String> racks;
    private final Map<Integer, Integer> held = new HashMap<>();
    private final Comparator<Integer> byHeld;
    private final Set<Integer> open;

    /**
     * @param assignment per partition its replicas, the leader first, in as many racks as they can be; it is changed in place
     * @param round the brokers, in the order that decides where nothing else does
     */
    ReplicaEvening(List<List<Integer>> assignment, List<Integer> round, Map<Integer, String> racks, ReplicaLoad load) {
        this.assignment = assignment;
        this.racks = racks;
        this.open = new LinkedHashSet<>(round);
        this.byHeld = Comparator.<Integer>comparingInt(this::holding).thenComparingInt(load::replicas);
        assignment.forEach(replicas -> replicas.forEach(broker -> held.merge(broker, 1, Integer::sum)));
    }

    /**
     * Moves followers until nothing can become more even.
     *
     * <p>Each move scans the partitions until every broker has been reached, mostly a few of them. Without success it scans all, but then what
     * was reached is closed: it holds as little as it can, whatever moves among the others, so that no broker is scanned for twice in vain.
     */
    void run() {
        while (!open.isEmpty()) {
            int fullest = open.stream().max(byHeld).orElseThrow();
            if (!isFullerByTwo(fullest, open.stream().min(byHeld).orElseThrow())) {
                return;
            }
            Map<Integer, Step> steps = stepsFrom(fullest);
            int emptiest = steps.keySet().stream().min(byHeld).orElse(fullest);
            if (isFullerByTwo(fullest, emptiest)) {
                move(fullest, emptiest, steps);
            } else {
                open.remove(fullest);
                open.removeAll(steps.keySet());
            }
        }
    }

    private boolean isFullerByTwo(int broker, int other) {
        return holding(broker) - holding(other) >= 2;
    }

    private int holding(int broker) {
        return held.getOrDefault(broker, 0);
    }

    /** For each broker that a way leads to, the last step of the shortest. */
    private Map<Integer, Step> stepsFrom(int start) {
        var steps = new LinkedHashMap<Integer, Step>();
        var unreached = new LinkedHashSet<>(open);
        unreached.remove(start);
        var reached = new ArrayDeque<>(List.of(start));
        while (!reached.isEmpty() && !unreached.isEmpty()) {
            int from = reached.remove();
            for (Step step : stepsTo(unreached, from)) {
                steps.put(step.to, step);
                reached.add(step.to);
            }
        }
        return steps;
    }

    /** Takes out of those not reached yet what one step leads to. */
    private List<Step> stepsTo(Set<Integer> unreached, int from) {
        var steps = new ArrayList<Step>();
        for (List<Integer> replicas : assignment) {
            if (unreached.isEmpty()) {
                return steps;
            }
            if (replicas.lastIndexOf(from) > 0) {
                var next = unreached.stream()
                        .filter(to -> mayMove(replicas, from, to))
                        .toList();
                next.forEach(to -> steps.add(new Step(replicas, from, to)));
                next.forEach(unreached::remove);
            }
        }
        return steps;
    }

    private boolean mayMove(List<Integer> replicas, int from, int to) {
        if (replicas.contains(to)) {
            return false;
        }
        boolean rackIsKept = false;
        boolean rackIsNew = true;
        for (int replica : replicas) {
            rackIsKept |= replica != from && sameRack(replica, from);
            rackIsNew &= replica == from || !sameRack(replica, to);
        }
        return rackIsKept || rackIsNew;
    }

    private boolean sameRack(int broker, int other) {
        return racks.getOrDefault(broker, "").equals(racks.getOrDefault(other, ""));
    }

    private void move(int from, int to, Map<Integer, Step> steps) {
        for (Step step = steps.get(to); step != null; step = steps.get(step.from)) {
            step.replicas.set(step.replicas.indexOf(step.from), step.to);
        }
        held.merge(from, -1, Integer::sum);
        held.merge(to, 1, Integer::sum);
    }

    private record Step(List<Integer> replicas, int from, int to) {}
}
