package io.millrace.coordinator.group;

import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiPredicate;

/** Partitions by topic. Immutable. Invariant: no topic stands there without a partition. */
record AssignedPartitions(Map<UUID, NavigableSet<Integer>> topics) {
    static final AssignedPartitions NONE = new AssignedPartitions(Map.of());

    static AssignedPartitions of(Collection<TopicPartitions> wire) {
        Map<UUID, NavigableSet<Integer>> topics = new TreeMap<>();
        wire.forEach(topic ->
                topics.computeIfAbsent(topic.topicId(), id -> new TreeSet<>()).addAll(topic.partitions()));
        topics.values().removeIf(NavigableSet::isEmpty);
        return new AssignedPartitions(topics);
    }

    List<TopicPartitions> toWire() {
        var wire = new ArrayList<TopicPartitions>();
        topics.forEach((topicId, partitions) -> wire.add(new TopicPartitions(topicId, List.copyOf(partitions))));
        return wire;
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    boolean contains(UUID topicId, int partition) {
        NavigableSet<Integer> partitions = topics.get(topicId);
        return partitions != null && partitions.contains(partition);
    }

    int size() {
        return topics.values().stream().mapToInt(NavigableSet::size).sum();
    }

    AssignedPartitions and(AssignedPartitions other) {
        return where(other::contains);
    }

    AssignedPartitions minus(AssignedPartitions other) {
        return where((topicId, partition) -> !other.contains(topicId, partition));
    }

    AssignedPartitions where(BiPredicate<UUID, Integer> condition) {
        Map<UUID, NavigableSet<Integer>> kept = new TreeMap<>();
        topics.forEach((topicId, partitions) -> partitions.forEach(partition -> {
            if (condition.test(topicId, partition)) {
                kept.computeIfAbsent(topicId, id -> new TreeSet<>()).add(partition);
            }
        }));
        return new AssignedPartitions(kept);
    }

    AssignedPartitions plus(AssignedPartitions other) {
        Map<UUID, NavigableSet<Integer>> all = new TreeMap<>();
        topics.forEach((topicId, partitions) -> all.put(topicId, new TreeSet<>(partitions)));
        other.topics.forEach((topicId, partitions) ->
                all.computeIfAbsent(topicId, id -> new TreeSet<>()).addAll(partitions));
        return new AssignedPartitions(all);
    }

    boolean intersects(AssignedPartitions other) {
        return topics.entrySet().stream().anyMatch(topic -> topic.getValue().stream()
                .anyMatch(partition -> other.contains(topic.getKey(), partition)));
    }

    boolean containsAll(AssignedPartitions other) {
        return other.topics.entrySet().stream().allMatch(topic -> topic.getValue().stream()
                .allMatch(partition -> contains(topic.getKey(), partition)));
    }
}
