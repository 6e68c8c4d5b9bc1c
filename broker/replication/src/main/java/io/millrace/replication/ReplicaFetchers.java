package io.millrace.replication;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/** One fetcher for each broker that leads partitions which this broker follows. Thread-safe. */
final class ReplicaFetchers implements PartitionEnvironment.Following {
    private record Followed(ReplicaFetcher fetcher, Loop loop) {}

    private final ReplicasConfiguration configuration;
    private final IntFunction<Loop> loops;
    private final ReplicaTransport transport;
    private final LongSupplier brokerEpoch;
    /** By leader; as many as there are brokers. */
    private final Map<Integer, Followed> byLeader = new ConcurrentHashMap<>();
    /** Where each partition is fetched from; changed on the partition's loop alone. */
    private final Map<PartitionKey, Followed> byPartition = new ConcurrentHashMap<>();

    ReplicaFetchers(
            ReplicasConfiguration configuration,
            IntFunction<Loop> loops,
            ReplicaTransport transport,
            LongSupplier brokerEpoch) {
        this.configuration = configuration;
        this.loops = loops;
        this.transport = transport;
        this.brokerEpoch = brokerEpoch;
    }

    @Override
    public void follow(Partition partition, int leaderId, int leaderEpoch) {
        Followed followed = byLeader.computeIfAbsent(leaderId, this::create);
        Followed before = byPartition.put(partition.key(), followed);
        if (before != null && !before.equals(followed)) {
            before.loop.runOrExecute(() -> before.fetcher.unfollow(partition));
        }
        followed.loop.runOrExecute(() -> followed.fetcher.follow(partition, leaderEpoch));
    }

    private Followed create(int leaderId) {
        Loop loop = loops.apply(leaderId);
        return new Followed(new ReplicaFetcher(leaderId, configuration, loop, transport, brokerEpoch), loop);
    }

    @Override
    public void unfollow(Partition partition) {
        Followed followed = byPartition.remove(partition.key());
        if (followed != null) {
            followed.loop.runOrExecute(() -> followed.fetcher.unfollow(partition));
        }
    }

    /** Brokers have registered anew, or this one has and so must tell them. */
    void onRegistered(Iterable<Integer> brokerIds) {
        for (int brokerId : brokerIds) {
            Followed followed = byLeader.get(brokerId);
            if (followed != null) {
                followed.loop.execute(followed.fetcher::reopen);
            }
        }
    }

    void close() {
        byLeader.values().forEach(followed -> followed.loop.execute(followed.fetcher::close));
    }
}
