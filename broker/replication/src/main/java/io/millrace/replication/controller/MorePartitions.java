package io.millrace.replication.controller;

import java.util.List;
import java.util.Optional;

/**
 * A wish to add partitions to a topic.
 *
 * @param count of all partitions afterwards
 * @param assignment per new partition the brokers of its replicas; empty to let the controller place them
 * @param validateOnly checks everything and changes nothing
 */
public record MorePartitions(
        String topicName, int count, Optional<List<List<Integer>>> assignment, boolean validateOnly) {}
