package io.millrace.replication;

import io.millrace.metadata.BrokerRegistration;
import java.util.Map;
import java.util.Set;
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
    private final FetchThrottle throttle = new FetchThrottle();
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
        return new Followed(new ReplicaFetcher(leaderId, configuration, loop, transport, brokerEpoch, throttle), loop);
    }

    @Override
    public void unfollow(Partition partition) {
        Followed followed = byPartition.remove(partition.key());
        if (followed != null) {
            followed.loop.runOrExecute(() -> followed.fetcher.unfollow(partition));
        }
    }

    /** Brokers may have registered anew, or this one has and so must tell them: sessions begin anew then. */
    void onRegistered(Map<Integer, BrokerRegistration> before, Map<Integer, BrokerRegistration> now) {
        now.forEach((brokerId, broker) -> {
            BrokerRegistration known = before.get(brokerId);
            if (known == null || known.brokerEpoch() != broker.brokerEpoch()) {
                // Once this broker is registered it can follow everybody.
                boolean isThisBroker = brokerId == configuration.brokerId();
                (isThisBroker ? now.keySet() : Set.of(brokerId)).forEach(this::reopen);
            }
        });
    }

    private void reopen(int brokerId) {
        Followed followed = byLeader.get(brokerId);
        if (followed != null) {
            followed.loop.execute(followed.fetcher::reopen);
        }
    }

    void close() {
        byLeader.values().forEach(followed -> followed.loop.execute(followed.fetcher::close));
    }
}
