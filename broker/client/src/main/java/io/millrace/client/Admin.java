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

    /**
     * Makes the records of a topic's partition below an offset unreadable for everybody, and completes when they are so on every in-sync
     * replica.
     *
     * @param beforeOffset at most the end of what is committed; -1 for that end
     * @return the offset of the first record that is left
     */
    CompletableFuture<Long> deleteRecords(TopicPartition partition, long beforeOffset);

    /** All destinations, internal ones included. */
    CompletableFuture<List<DestinationDescription>> list();

    /** Those of the names that exist. */
    CompletableFuture<Map<String, DestinationDescription>> describe(Collection<String> names);

    /** The destination, created with the broker's defaults where it is missing. Fails where its kind is another. */
    CompletableFuture<DestinationDescription> ensure(String name, DestinationKind kind);

    CompletableFuture<ClusterDescription> cluster();

    /** Groups of consumers. Only a client of a real cluster knows them. */
    default GroupAdmin groups() {
        throw new UnsupportedOperationException("this client knows nothing of groups");
    }

    /** Transactions of producers. Only a client of a real cluster knows them. */
    default TransactionAdmin transactions() {
        throw new UnsupportedOperationException("this client knows nothing of transactions");
    }

    /** Subscriptions of topics. Only a client of a real cluster knows them. */
    default SubscriptionAdmin subscriptions() {
        throw new UnsupportedOperationException("this client knows nothing of subscriptions");
    }

    /** Settings and quotas. Only a client of a real cluster knows them. */
    default ConfigurationAdmin configurations() {
        throw new UnsupportedOperationException("this client knows nothing of settings");
    }

    /** Brokers and their disks. Only a client of a real cluster knows them. */
    default BrokerAdmin brokers() {
        throw new UnsupportedOperationException("this client knows nothing of brokers");
    }

    /** Where partitions live and who leads them. Only a client of a real cluster knows. */
    default PartitionAdmin partitions() {
        throw new UnsupportedOperationException("this client knows nothing of where partitions live");
    }
}
