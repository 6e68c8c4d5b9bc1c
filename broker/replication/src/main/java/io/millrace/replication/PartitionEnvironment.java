package io.millrace.replication;

import io.millrace.storage.StorageException;

/** What all partitions of a loop share. */
record PartitionEnvironment(
        ReplicasConfiguration configuration,
        Loop loop,
        InSyncReplicasChanger changer,
        Following following,
        BrokerEpochs brokerEpochs,
        LeadershipListener listener,
        Losses losses) {

    int brokerId() {
        return configuration.brokerId();
    }

    /** Starts and ends the fetching of partitions that follow. Called on a partition's loop. */
    interface Following {
        void follow(Partition partition, int leaderId, int leaderEpoch);

        void unfollow(Partition partition);
    }

    /** Hears of replicas whose logs cannot be used any more; they have ended their roles. Called on a partition's loop. */
    @FunctionalInterface
    interface Losses {
        void onLost(Partition partition, StorageException reason);
    }

    /** The registrations of brokers as last heard of. From any thread. */
    @FunctionalInterface
    interface BrokerEpochs {
        long UNREGISTERED = -1;

        long of(int brokerId);
    }
}
