package io.millrace.metadata;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A topic or queue: what it is called, how it is configured, and where its partitions live. Immutable.
 *
 * @param topicId names this topic for ever; a topic deleted and created again under the same name has another id
 * @param assignment per partition, the broker ids of its replicas, the preferred leader first
 * @param partitions per partition, its current state; as long as {@code assignment}
 * @param reassignments the moves to other replicas that are under way, by partition; {@code assignment} holds their unions
 * @param subscriptions those that brokers keep cursors for
 */
public record TopicImage(
        UUID topicId,
        String name,
        DestinationKind kind,
        Map<String, String> configuration,
        List<List<Integer>> assignment,
        List<PartitionState> partitions,
        Map<Integer, Reassignment> reassignments,
        TopicSubscriptions subscriptions) {

    public TopicImage {
        configuration = Map.copyOf(configuration);
        assignment = assignment.stream().map(List::copyOf).toList();
        partitions = List.copyOf(partitions);
        reassignments = Map.copyOf(reassignments);
        if (assignment.size() != partitions.size()) {
            throw new IllegalArgumentException("topic " + name + " has " + assignment.size() + " assignments but "
                    + partitions.size() + " partition states; each partition needs both");
        }
    }

    /** A topic of which no partition is moving, and that has never had subscriptions. */
    public TopicImage(
            UUID topicId,
            String name,
            DestinationKind kind,
            Map<String, String> configuration,
            List<List<Integer>> assignment,
            List<PartitionState> partitions) {
        this(topicId, name, kind, configuration, assignment, partitions, Map.of(), TopicSubscriptions.NONE);
    }

    /** Whether each partition has a cursor log beside its data log: those of queues, and of topics that have or had subscriptions. */
    public boolean hasCursors() {
        return kind == DestinationKind.QUEUE || subscriptions.hasCursors();
    }

    public int partitionCount() {
        return partitions.size();
    }

    /** The state of a partition, or empty when the topic has no partition of this number. */
    public Optional<PartitionState> partition(int partition) {
        return partition >= 0 && partition < partitions.size()
                ? Optional.of(partitions.get(partition))
                : Optional.empty();
    }

    /** The move of a partition that is under way, or empty. */
    public Optional<Reassignment> reassignment(int partition) {
        return Optional.ofNullable(reassignments.get(partition));
    }

    /** How many replicas a partition has, not counting those that a move adds before it has ended. */
    public int replicationFactor(int partition) {
        Reassignment moving = reassignments.get(partition);
        return (moving == null ? assignment.get(partition) : moving.original()).size();
    }

    /** A configured value, or the default given. */
    public String configuration(String key, String otherwise) {
        return configuration.getOrDefault(key, otherwise);
    }

    /** This topic with some partitions' states replaced. */
    public TopicImage withPartitions(Map<Integer, PartitionState> changed) {
        var states = new ArrayList<>(partitions);
        changed.forEach(states::set);
        return new TopicImage(topicId, name, kind, configuration, assignment, states, reassignments, subscriptions);
    }

    public TopicImage withSubscriptions(TopicSubscriptions changed) {
        return new TopicImage(topicId, name, kind, configuration, assignment, partitions, reassignments, changed);
    }

    public TopicImage withConfiguration(Map<String, String> newConfiguration) {
        return new TopicImage(
                topicId, name, kind, newConfiguration, assignment, partitions, reassignments, subscriptions);
    }

    /** This topic with some partitions placed elsewhere, or added behind the last, and with new states of some. */
    public TopicImage withAssignment(
            Map<Integer, PartitionAssignment> changed, Map<Integer, PartitionState> changedStates) {
        var assigned = new ArrayList<>(assignment);
        var moving = new HashMap<>(reassignments);
        new TreeMap<>(changed).forEach((partition, to) -> {
            set(assigned, partition, to.replicas());
            to.reassignment().ifPresentOrElse(move -> moving.put(partition, move), () -> moving.remove(partition));
        });
        var states = new ArrayList<>(partitions);
        new TreeMap<>(changedStates).forEach((partition, state) -> set(states, partition, state));
        return new TopicImage(topicId, name, kind, configuration, assigned, states, moving, subscriptions);
    }

    private static <E> void set(List<E> all, int index, E element) {
        if (index == all.size()) {
            all.add(element);
        } else {
            all.set(index, element);
        }
    }

    @Override
    public String toString() {
        return "TopicImage[" + name + " " + topicId + " " + kind + " " + new TreeMap<>(configuration) + " " + partitions
                + "]";
    }
}
