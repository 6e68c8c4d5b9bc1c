package io.millrace.replication;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectory;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * All partitions of which this broker holds a replica: follows the cluster image, creates and deletes logs, follows leaders, serves
 * followers.
 *
 * <p>Thread-safe.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Replicas implements AutoCloseable {
    /**
     * @param logConfigurations how a topic's configuration and the broker's defaults make the rules of a log
     */
    public Replicas(
            ReplicasConfiguration configuration,
            LogDirectory logs,
            BiFunction<TopicImage, LogKind, LogConfiguration> logConfigurations,
            ReplicaTransport transport,
            InSyncReplicasChanger changer) {
        throw new UnsupportedOperationException("being written");
    }

    /** Before {@link #start}. Listeners are called in the order of their arrival. */
    public void listen(LeadershipListener listener) {
        throw new UnsupportedOperationException("being written");
    }

    public void start() {
        throw new UnsupportedOperationException("being written");
    }

    /** Takes over a newer image; returns at once. */
    public void onImage(ClusterImage image) {
        throw new UnsupportedOperationException("being written");
    }

    /** Whether this broker is named leader of a partition that it refuses to lead, because it was named before its process started. */
    public boolean disownsLeadership() {
        throw new UnsupportedOperationException("being written");
    }

    /** This broker's replica of a partition, whether it leads or follows. */
    public Optional<Partition> partition(PartitionKey key) {
        throw new UnsupportedOperationException("being written");
    }

    public Optional<Partition> partition(String topicName, int partition) {
        throw new UnsupportedOperationException("being written");
    }

    public Collection<Partition> partitions() {
        throw new UnsupportedOperationException("being written");
    }

    /** How many replicas of the topic are here. */
    public int partitionCount(UUID topicId) {
        throw new UnsupportedOperationException("being written");
    }

    /** Serves a follower; completes when there is something to tell or the follower's wait is over. */
    public CompletableFuture<ReplicaFetchAnswer> replicaFetch(ReplicaFetch fetch) {
        throw new UnsupportedOperationException("being written");
    }

    /** Stops leading, following and serving, then closes the loops. Bounded. The log directory stays open. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("being written");
    }
}
