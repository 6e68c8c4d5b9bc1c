package io.millrace.metadata;

import java.util.ArrayList;
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
 */
public record TopicImage(
        UUID topicId,
        String name,
        DestinationKind kind,
        Map<String, String> configuration,
        List<List<Integer>> assignment,
        List<PartitionState> partitions) {

    public TopicImage {
        configuration = Map.copyOf(configuration);
        assignment = assignment.stream().map(List::copyOf).toList();
        partitions = List.copyOf(partitions);
        if (assignment.size() != partitions.size()) {
            throw new IllegalArgumentException("topic " + name + " has " + assignment.size() + " assignments but "
                    + partitions.size() + " partition states; each partition needs both");
        }
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

    /** A configured value, or the default given. */
    public String configuration(String key, String otherwise) {
        return configuration.getOrDefault(key, otherwise);
    }

    /** This topic with some partitions' states replaced. */
    public TopicImage withPartitions(Map<Integer, PartitionState> changed) {
        var states = new ArrayList<>(partitions);
        changed.forEach(states::set);
        return new TopicImage(topicId, name, kind, configuration, assignment, states);
    }

    public TopicImage withConfiguration(Map<String, String> newConfiguration) {
        return new TopicImage(topicId, name, kind, newConfiguration, assignment, partitions);
    }

    @Override
    public String toString() {
        return "TopicImage[" + name + " " + topicId + " " + kind + " " + new TreeMap<>(configuration) + " " + partitions
                + "]";
    }
}
