package io.millrace.replication;

/** What all partitions of a loop share. */
record PartitionEnvironment(
        ReplicasConfiguration configuration,
        Loop loop,
        InSyncReplicasChanger changer,
        Following following,
        BrokerEpochs brokerEpochs,
        LeadershipListener listener) {

    int brokerId() {
        return configuration.brokerId();
    }

    /** Starts and ends the fetching of partitions that follow. Called on a partition's loop. */
    interface Following {
        void follow(Partition partition, int leaderId, int leaderEpoch);

        void unfollow(Partition partition);
    }

    /** The registrations of brokers as last heard of. From any thread. */
    @FunctionalInterface
    interface BrokerEpochs {
        long UNREGISTERED = -1;

        long of(int brokerId);
    }
}
