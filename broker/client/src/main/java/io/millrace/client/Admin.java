package io.millrace.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Administration of destinations. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface Admin {

    /**
     * Creates a destination and completes when every partition has a leader.
     *
     * @param partitions -1: the broker's default
     * @param replicationFactor -1: the broker's default
     */
    CompletableFuture<Void> create(
            String name,
            DestinationKind kind,
            int partitions,
            int replicationFactor,
            Map<String, String> configuration);

    CompletableFuture<Void> delete(String name);

    /** All destinations, internal ones included. */
    CompletableFuture<List<DestinationDescription>> list();

    /** Those of the names that exist. */
    CompletableFuture<Map<String, DestinationDescription>> describe(Collection<String> names);

    /** The destination, created with the broker's defaults where it is missing. Fails where its kind is another. */
    CompletableFuture<DestinationDescription> ensure(String name, DestinationKind kind);

    CompletableFuture<ClusterDescription> cluster();
}
