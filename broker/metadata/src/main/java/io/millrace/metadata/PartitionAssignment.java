package io.millrace.metadata;

import java.util.List;
import java.util.Optional;

/**
 * Where a partition lives, and where it is moving. Immutable.
 *
 * @param replicas broker ids, the preferred leader first; the union while a reassignment runs
 */
public record PartitionAssignment(List<Integer> replicas, Optional<Reassignment> reassignment) {
    public PartitionAssignment {
        replicas = List.copyOf(replicas);
    }

    public static PartitionAssignment settled(List<Integer> replicas) {
        return new PartitionAssignment(replicas, Optional.empty());
    }

    public static PartitionAssignment moving(Reassignment reassignment) {
        return new PartitionAssignment(reassignment.union(), Optional.of(reassignment));
    }
}
