package io.millrace.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the cluster and its brokers look like. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface BrokerAdmin {

    /** @param controllerId -1 where there is no controller now */
    record ClusterState(String clusterId, int controllerId, List<BrokerState> brokers) {}

    /** @param isFenced whether it is registered and not alive: it leads nothing and takes no part */
    record BrokerState(int id, String host, int port, @Nullable String rack, boolean isFenced) {}

    /**
     * A directory of a broker with logs.
     *
     * @param failure why nothing can be said of it; null where it works
     * @param totalBytes of its file system; -1 where that is not known
     * @param usableBytes what its file system has left; -1 where that is not known
     */
    record LogDirectory(
            int brokerId,
            String path,
            @Nullable String failure,
            long totalBytes,
            long usableBytes,
            List<LogSize> logs) {}

    /** @param lag how far it is behind what is known to be committed */
    record LogSize(TopicPartition partition, long sizeInBytes, long lag) {}

    /** The brokers, those that are fenced included. */
    CompletableFuture<ClusterState> cluster();

    /** The directories of one broker that is alive. */
    CompletableFuture<List<LogDirectory>> logDirectories(int brokerId);
}
