package io.millrace.coordinator.group;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Divides partitions among the members of a consumer group (KIP-848). Knows no state: the same input gives the same answer. */
interface TargetAssignor {

    /**
     * Who reads what, and who had what.
     *
     * @param subscriptions the topics of every member, all of which exist
     * @param partitionCounts of those topics
     * @param previous the last target, perhaps of other members and of partitions that are gone
     */
    record Situation(
            Map<String, Set<UUID>> subscriptions,
            Map<UUID, Integer> partitionCounts,
            Map<String, AssignedPartitions> previous) {}

    /** Kafka's names, the default first. */
    List<String> NAMES = List.of(UniformAssignor.NAME, RangeAssignor.NAME);

    /** Gives every partition that has a subscriber to exactly one. */
    Map<String, AssignedPartitions> assign(Situation situation);

    static Optional<TargetAssignor> named(String name) {
        return switch (name) {
            case UniformAssignor.NAME -> Optional.of(new UniformAssignor());
            case RangeAssignor.NAME -> Optional.of(new RangeAssignor());
            default -> Optional.empty();
        };
    }
}
