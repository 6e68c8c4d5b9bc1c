package io.millrace.server.group;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.ConsumerRules;
import io.millrace.coordinator.group.GroupConfiguration;
import io.millrace.coordinator.group.GroupRecord;
import io.millrace.coordinator.group.GroupRecordFormat;
import io.millrace.coordinator.group.Groups;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.replication.AppendResult;
import io.millrace.replication.LeadershipListener;
import io.millrace.replication.LogKind;
import io.millrace.replication.Partition;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.LedLog;
import io.millrace.server.coordinator.RecordFormat;
import io.millrace.server.coordinator.ReplicatedLog;
import io.millrace.server.coordinator.TransactionalProducer;
import io.millrace.server.request.ClusterView;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The coordinators of all groups whose partition of {@code __consumer_offsets} this broker leads.
 *
 * <p>Thread-safe. A group belongs to the partition that its id hashes to.
 */
public final class GroupCoordinators implements LeadershipListener {
    /** The topic that holds groups and their offsets, under Kafka's name for it. */
    public static final String OFFSETS_TOPIC = "__consumer_offsets";

    private static final long APPEND_TIMEOUT_MS = 5_000;

    private static final RecordFormat<GroupRecord> FORMAT = new RecordFormat<>() {
        @Override
        public EncodedRecord write(GroupRecord value) {
            return GroupRecordFormat.write(value);
        }

        @Override
        public Optional<GroupRecord> read(Bytes key, @Nullable Bytes value) {
            return GroupRecordFormat.read(key, value);
        }
    };

    private final GroupConfiguration configuration;
    private final ConsumerRules consumerRules;
    private final ClusterView cluster;
    private final InstantSource clock;
    private final ByteBufAllocator allocator;
    private volatile ImageCatalog catalog = new ImageCatalog(ClusterImage.EMPTY);
    private final Map<Integer, GroupCoordinator> coordinators = new ConcurrentHashMap<>(); // by partition

    /** @param consumerRules of each consumer group, instead of those in the configuration */
    public GroupCoordinators(
            GroupConfiguration configuration,
            ConsumerRules consumerRules,
            ClusterView cluster,
            InstantSource clock,
            ByteBufAllocator allocator) {
        this.configuration = configuration;
        this.consumerRules = consumerRules;
        this.cluster = cluster;
        this.clock = clock;
        this.allocator = allocator;
    }

    /** Looks at the topics of an image from now on. Offsets of topics that are gone are forgotten. Called by one thread at a time. */
    public void onImage(ClusterImage image) {
        ImageCatalog before = catalog;
        if (!before.differsFrom(image)) {
            return;
        }
        catalog = new ImageCatalog(image);
        Set<String> deleted = image.deletedTopics(before.image()).stream()
                .map(TopicImage::name)
                .filter(name -> image.topic(name).isEmpty())
                .collect(Collectors.toSet());
        if (!deleted.isEmpty()) {
            coordinators.values().forEach(coordinator -> forget(coordinator, deleted));
        }
    }

    /** Goes on until all is forgotten; what an error leaves behind is forgotten with age. */
    private static void forget(GroupCoordinator coordinator, Set<String> topics) {
        coordinator
                .<Boolean>decide((groups, nowMs) -> groups.forgetTopics(topics), error -> false)
                .thenAccept(mayBeMore -> {
                    if (mayBeMore) {
                        forget(coordinator, topics);
                    }
                });
    }

    @Override
    public void onLeader(Partition partition, int leaderEpoch) {
        if (partition.topicName().equals(OFFSETS_TOPIC)) {
            onLeader(partition.key().partition(), new LedLog(partition, LogKind.DATA, allocator));
        }
    }

    /** A coordinator that is there already goes on: a leader that stays leader keeps its log. */
    void onLeader(int partition, ReplicatedLog data) {
        if (coordinators.containsKey(partition)) {
            return;
        }
        var groups =
                new Groups(configuration, consumerRules, () -> UUID.randomUUID().toString(), () -> catalog);
        var log = new CoordinatorLog<>(data, FORMAT, clock, allocator, APPEND_TIMEOUT_MS);
        var coordinator = new GroupCoordinator(partition, groups, log, data.loop(), clock);
        coordinators.put(partition, coordinator);
        coordinator.start();
    }

    @Override
    public void onResigned(Partition partition) {
        if (partition.topicName().equals(OFFSETS_TOPIC)) {
            onResigned(partition.key().partition());
        }
    }

    void onResigned(int partition) {
        GroupCoordinator coordinator = coordinators.remove(partition);
        if (coordinator != null) {
            coordinator.resign();
        }
    }

    /** The partition of the offsets topic that a group belongs to; empty while there is no such topic. */
    OptionalInt partitionOf(String groupId) {
        return cluster.image()
                .topic(OFFSETS_TOPIC)
                .map(topic -> OptionalInt.of(partitionOf(groupId, topic)))
                .orElse(OptionalInt.empty());
    }

    /** The coordinator of a group; empty where it is another broker, or none. */
    Optional<GroupCoordinator> coordinatorOf(String groupId) {
        return cluster.image().topic(OFFSETS_TOPIC).map(topic -> coordinators.get(partitionOf(groupId, topic)));
    }

    /** Those of the partitions that this broker leads, at this moment. */
    List<GroupCoordinator> all() {
        return List.copyOf(coordinators.values());
    }

    /** Has the groups of a group's coordinator decide; NOT_COORDINATOR where that is another broker. */
    <A> CompletableFuture<A> decide(
            String groupId,
            BiFunction<Groups, Long, Outcome<GroupRecord, A>> decision,
            Function<ErrorCode, A> refusal) {
        return decide(groupId, decision, null, refusal);
    }

    /**
     * Has the groups decide what becomes part of a transaction.
     *
     * @param producer whose transaction it is; null for none
     */
    <A> CompletableFuture<A> decide(
            String groupId,
            BiFunction<Groups, Long, Outcome<GroupRecord, A>> decision,
            @Nullable TransactionalProducer producer,
            Function<ErrorCode, A> refusal) {
        return coordinatorOf(groupId)
                .map(coordinator -> coordinator.decide(decision, producer, refusal))
                .orElseGet(() -> CompletableFuture.completedFuture(refusal.apply(ErrorCode.NOT_COORDINATOR)));
    }

    /**
     * The transaction of a producer ends in a partition of the offsets topic: has its marker appended in the order of the coordinator's own appends, and applies or
     * drops the offsets that the transaction has brought, once the marker is committed.
     *
     * @param append appends the marker to the partition; called on its loop
     * @return NONE; NOT_COORDINATOR where the partition is led elsewhere; COORDINATOR_LOAD_IN_PROGRESS, to be tried again; or the append's own error
     */
    public CompletableFuture<ErrorCode> endTransaction(
            int partition, long producerId, boolean committed, Supplier<CompletableFuture<AppendResult>> append) {
        GroupCoordinator coordinator = coordinators.get(partition);
        return coordinator == null
                ? CompletableFuture.completedFuture(ErrorCode.NOT_COORDINATOR)
                : coordinator.endTransaction(producerId, committed, append);
    }

    /** Kafka's choice, so that tools that compute it find the same. */
    static int partitionOf(String groupId, TopicImage offsetsTopic) {
        return (groupId.hashCode() & Integer.MAX_VALUE) % offsetsTopic.partitionCount();
    }
}
