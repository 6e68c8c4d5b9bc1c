package io.millrace.replication.controller;

import java.util.List;
import java.util.Map;

/**
 * A topic or queue to create.
 *
 * @param partitionCount -1 for the cluster's default, or when {@code assignment} is given
 * @param replicationFactor -1 for the cluster's default, or when {@code assignment} is given
 * @param assignment per partition the brokers of its replicas; empty to let the controller place them
 * @param configuration {@code destination.kind} among it makes a queue; values have been validated by the caller
 * @param validateOnly checks everything and creates nothing
 */
public record NewTopic(
        String name,
        int partitionCount,
        int replicationFactor,
        List<List<Integer>> assignment,
        Map<String, String> configuration,
        boolean validateOnly) {
    public NewTopic {
        assignment = List.copyOf(assignment);
        configuration = Map.copyOf(configuration);
    }
}
