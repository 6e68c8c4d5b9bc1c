package io.millrace.cli.rebalance;

import io.millrace.client.TopicPartition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where partitions live while a plan is made. Owned by one planner; changes with each step of it.
 *
 * <p>Invariant: no partition has two replicas on one broker.
 */
final class Placement {
    private final Map<Integer, String> racks;
    private final Map<TopicPartition, List<Integer>> replicas = new HashMap<>();
    private final Map<Integer, Set<TopicPartition>> byBroker = new TreeMap<>();
    private final Map<Integer, Map<String, Integer>> topicLoads = new HashMap<>();

    /** @param racks of the brokers; one that is not named lies in a rack of its own */
    Placement(Collection<Integer> brokers, Map<Integer, String> racks, Map<TopicPartition, List<Integer>> replicas) {
        this.racks = Map.copyOf(racks);
        brokers.forEach(this::partitionsOn);
        replicas.forEach((partition, of) -> {
            this.replicas.put(partition, new ArrayList<>(of));
            of.forEach(broker -> add(partition, broker));
        });
    }

    private Set<TopicPartition> partitionsOn(int broker) {
        return byBroker.computeIfAbsent(
                broker,
                id -> new TreeSet<>(
                        Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition)));
    }

    private Map<String, Integer> loadsOf(int broker) {
        return topicLoads.computeIfAbsent(broker, id -> new HashMap<>());
    }

    private List<Integer> changing(TopicPartition partition) {
        return Objects.requireNonNull(replicas.get(partition), () -> "nothing is known of " + partition);
    }

    private void add(TopicPartition partition, int broker) {
        partitionsOn(broker).add(partition);
        loadsOf(broker).merge(partition.topic(), 1, Integer::sum);
    }

    List<Integer> replicas(TopicPartition partition) {
        return List.copyOf(changing(partition));
    }

    Set<TopicPartition> on(int broker) {
        return byBroker.getOrDefault(broker, Set.of());
    }

    int load(int broker) {
        return on(broker).size();
    }

    /** How many replicas of a topic a broker has. */
    int load(int broker, String topic) {
        return topicLoads.getOrDefault(broker, Map.of()).getOrDefault(topic, 0);
    }

    /** How many racks the replicas lie in if one of them goes elsewhere. */
    int racksAfter(TopicPartition partition, int from, int to) {
        return (int) changing(partition).stream()
                .map(id -> rack(id == from ? to : id))
                .distinct()
                .count();
    }

    int racks(TopicPartition partition) {
        return (int) changing(partition).stream().map(this::rack).distinct().count();
    }

    private String rack(int broker) {
        return racks.containsKey(broker) ? "rack/" + racks.get(broker) : "broker/" + broker;
    }

    /** Puts one replica elsewhere, in the same place of the list. */
    void replace(TopicPartition partition, int from, int to) {
        var changed = changing(partition);
        if (changed.contains(to)) {
            throw new IllegalStateException(partition + " has a replica on broker " + to + " already: " + changed);
        }
        changed.set(changed.indexOf(from), to);
        partitionsOn(from).remove(partition);
        loadsOf(from).merge(partition.topic(), -1, Integer::sum);
        add(partition, to);
    }

    /** Prefers another of the replicas as leader. */
    void lead(TopicPartition partition, int leader) {
        var changed = changing(partition);
        int place = changed.indexOf(leader);
        changed.set(place, changed.get(0));
        changed.set(0, leader);
    }

    Map<TopicPartition, List<Integer>> all() {
        return replicas.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> List.copyOf(entry.getValue())));
    }
}
