package io.millrace.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Administration of where partitions live and who leads them. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface PartitionAdmin {

    /**
     * A move that is under way.
     *
     * @param target the replicas that the partition gets, the preferred leader first
     * @param adding those of them that it did not have before
     */
    record Reassignment(List<Integer> target, List<Integer> adding, List<Integer> removing) {}

    /** A replica on a broker, and the size of its logs. */
    record ReplicaSize(int brokerId, TopicPartition partition, long sizeInBytes) {}

    /**
     * Begins to move partitions to other replicas, or changes where a move leads. Completes when the moves have begun, with why some have
     * not.
     *
     * @param targets the replicas wanted, the preferred leader first
     * @param bytesPerSecond what each broker may fetch in a second for the replicas that it is given; 0 leaves that to the broker
     */
    CompletableFuture<Map<TopicPartition, ClientException>> move(
            Map<TopicPartition, List<Integer>> targets, long bytesPerSecond);

    /** Ends moves where they began; completes with why some have not ended. */
    CompletableFuture<Map<TopicPartition, ClientException>> cancelMoves(Collection<TopicPartition> partitions);

    /** The moves under way. */
    CompletableFuture<Map<TopicPartition, Reassignment>> moves();

    /**
     * Has partitions led by the first of their replicas. Completes with why some are not; one that is so already is not among them.
     */
    CompletableFuture<Map<TopicPartition, ClientException>> electPreferredLeaders(
            Collection<TopicPartition> partitions);

    /** The replicas of these topics on all brokers that answer. */
    CompletableFuture<List<ReplicaSize>> replicaSizes(Collection<String> topics);
}
