package io.millrace.cli.rebalance;

import io.millrace.client.TopicPartition;
import java.util.List;

/** A partition that gets other replicas, or another preferred leader among the same. */
public record PartitionMove(TopicPartition partition, List<Integer> from, List<Integer> to) {
    public PartitionMove {
        from = List.copyOf(from);
        to = List.copyOf(to);
    }

    /** The brokers that the partition's records must be copied to. */
    public List<Integer> adding() {
        return to.stream().filter(id -> !from.contains(id)).toList();
    }
}
