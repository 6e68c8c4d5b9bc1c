package io.millrace.replication.controller;

import java.util.List;
import java.util.Optional;

/**
 * A partition to move.
 *
 * @param target the replicas wanted, the preferred leader first; empty to cancel the move that is under way
 */
public record ReassignmentWish(String topicName, int partition, Optional<List<Integer>> target) {
    public ReassignmentWish {
        target = target.map(List::copyOf);
    }
}
