package io.millrace.client;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A destination as the cluster describes it. */
public record DestinationDescription(
        String name,
        UUID topicId,
        DestinationKind kind,
        boolean isInternal,
        Map<String, String> configuration,
        List<Partition> partitions) {

    /**
     * One partition.
     *
     * @param leaderId -1 where there is no leader now
     */
    public record Partition(
            int partition, int leaderId, int leaderEpoch, List<Integer> replicas, List<Integer> inSyncReplicas) {}
}
