package io.millrace.replication;

import java.util.UUID;

/** One partition of one topic. By id, so that a topic created again under an old name is never taken for the old one. */
public record PartitionKey(UUID topicId, int partition) {
    @Override
    public String toString() {
        return topicId + "-" + partition;
    }
}
