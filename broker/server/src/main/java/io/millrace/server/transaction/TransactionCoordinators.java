package io.millrace.server.transaction;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.TransactionConfiguration;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.coordinator.transaction.TransactionRecord;
import io.millrace.coordinator.transaction.TransactionRecordFormat;
import io.millrace.coordinator.transaction.Transactions;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.replication.LeadershipListener;
import io.millrace.replication.LogKind;
import io.millrace.replication.Partition;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.CoordinatorTopic;
import io.millrace.server.coordinator.LedLog;
import io.millrace.server.coordinator.RecordFormat;
import io.millrace.server.coordinator.ReplicatedLog;
import io.millrace.server.request.ClusterView;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The coordinators of all transactional ids whose partition of {@code __transaction_state} this broker leads.
 *
 * <p>Thread-safe. Whoever asks for an id that belongs elsewhere is told NOT_COORDINATOR; COORDINATOR_LOAD_IN_PROGRESS while the log is replayed,
 * COORDINATOR_NOT_AVAILABLE where it cannot be written or understood.
 */
public final class TransactionCoordinators implements LeadershipListener {
    /** The topic that holds transactions, under Kafka's name for it. */
    public static final String TRANSACTIONS_TOPIC = "__transaction_state";

    private static final long APPEND_TIMEOUT_MS = 5_000;

    private static final RecordFormat<TransactionRecord> FORMAT = new RecordFormat<>() {
        @Override
        public EncodedRecord write(TransactionRecord value) {
            return TransactionRecordFormat.write(value);
        }

        @Override
        public Optional<TransactionRecord> read(Bytes key, @Nullable Bytes value) {
            return TransactionRecordFormat.read(key, value);
        }
    };

    private final TransactionConfiguration configuration;
    private final ClusterView cluster;
    private final ProducerIds ids;
    private final MarkerSender sender;
    private final InstantSource clock;
    private final ByteBufAllocator allocator;
    private final Map<Integer, TransactionCoordinator> coordinators = new ConcurrentHashMap<>(); // by partition

    TransactionCoordinators(
            TransactionConfiguration configuration,
            ClusterView cluster,
            ProducerIds ids,
            MarkerSender sender,
            InstantSource clock,
            ByteBufAllocator allocator) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.ids = ids;
        this.sender = sender;
        this.clock = clock;
        this.allocator = allocator;
    }

    @Override
    public void onLeader(Partition partition, int leaderEpoch) {
        if (partition.topicName().equals(TRANSACTIONS_TOPIC)) {
            onLeader(partition.key().partition(), leaderEpoch, new LedLog(partition, LogKind.DATA, allocator));
        }
    }

    /** A coordinator that is there already goes on: a leader that stays leader keeps its log. */
    void onLeader(int partition, int leaderEpoch, ReplicatedLog data) {
        TransactionCoordinator known = coordinators.get(partition);
        if (known != null) {
            known.leadsIn(leaderEpoch);
            return;
        }
        var transactions = new Transactions(configuration, ids::poll);
        var log = new CoordinatorLog<>(data, FORMAT, clock, allocator, APPEND_TIMEOUT_MS);
        var coordinator = new TransactionCoordinator(partition, transactions, log, sender, data.loop(), clock);
        coordinator.leadsIn(leaderEpoch);
        coordinators.put(partition, coordinator);
        coordinator.start();
    }

    @Override
    public void onResigned(Partition partition) {
        if (partition.topicName().equals(TRANSACTIONS_TOPIC)) {
            onResigned(partition.key().partition());
        }
    }

    void onResigned(int partition) {
        TransactionCoordinator coordinator = coordinators.remove(partition);
        if (coordinator != null) {
            coordinator.resign();
        }
    }

    /** The coordinator of a transactional id; empty where it is another broker, or none. */
    private Optional<TransactionCoordinator> coordinatorOf(String transactionalId) {
        return cluster.image()
                .topic(TRANSACTIONS_TOPIC)
                .map(topic -> coordinators.get(CoordinatorTopic.partitionOf(transactionalId, topic)));
    }

    /** Has the coordinator of a transactional id decide; see {@link TransactionCoordinator#decide}. */
    <A> CompletableFuture<A> decide(
            String transactionalId,
            BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision,
            Function<ErrorCode, A> refusal) {
        return coordinatorOf(transactionalId)
                .map(coordinator -> coordinator.decide(decision, refusal))
                .orElseGet(() -> CompletableFuture.completedFuture(refusal.apply(ErrorCode.NOT_COORDINATOR)));
    }

    /** {@link #decide}, after a short wait where something is under way with the id; see {@link TransactionCoordinator#decideWhenFree}. */
    <A> CompletableFuture<A> decideWhenFree(
            String transactionalId,
            BiFunction<Transactions, Long, Outcome<TransactionRecord, A>> decision,
            Function<ErrorCode, A> refusal,
            Predicate<A> isBusy) {
        return coordinatorOf(transactionalId)
                .map(coordinator -> coordinator.decideWhenFree(transactionalId, decision, refusal, isBusy))
                .orElseGet(() -> CompletableFuture.completedFuture(refusal.apply(ErrorCode.NOT_COORDINATOR)));
    }

    /** Adds partitions to a transaction; see {@link Transactions#add}. */
    CompletableFuture<ErrorCode> add(
            String transactionalId,
            ProducerIdAndEpoch producer,
            List<TransactionPartition> partitions,
            short clientVersion) {
        return decideWhenFree(
                transactionalId,
                (transactions, nowMs) -> transactions.add(transactionalId, producer, partitions, clientVersion, nowMs),
                error -> error,
                error -> error == ErrorCode.CONCURRENT_TRANSACTIONS);
    }

    /** What all coordinators of this broker answer; one that does not serve answers what {@code refusal} makes of its error. */
    <A> CompletableFuture<List<A>> askAll(Function<Transactions, A> question, Function<ErrorCode, A> refusal) {
        List<CompletableFuture<A>> answers = coordinators.values().stream()
                .map(coordinator -> coordinator.decide(
                        (transactions, nowMs) -> Outcome.answer(question.apply(transactions)), refusal))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }
}
