package io.millrace.server.queue;

import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.CursorRecordFormat;
import io.millrace.coordinator.queue.RedeliveryPolicy;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueBrowseRequest;
import io.millrace.protocol.message.QueueDetachRequest;
import io.millrace.protocol.message.QueueFetchRequest;
import io.millrace.protocol.wire.Bytes;
import io.millrace.replication.LeadershipListener;
import io.millrace.replication.LogKind;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.LedLog;
import io.millrace.server.coordinator.RecordFormat;
import io.millrace.server.coordinator.ReplicatedLog;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandlers;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The dispatchers of all partitions of queues, and of topics with subscriptions, that this broker leads.
 *
 * <p>Thread-safe. Follows the leadership of partitions; its handlers take requests to the dispatchers.
 */
public final class QueueDispatchers implements LeadershipListener {
    private static final RecordFormat<CursorRecord> FORMAT = new RecordFormat<>() {
        @Override
        public io.millrace.coordinator.EncodedRecord write(CursorRecord value) {
            return CursorRecordFormat.write(value);
        }

        @Override
        public Optional<CursorRecord> read(Bytes key, @Nullable Bytes value) {
            return Optional.of(CursorRecordFormat.read(key, value));
        }
    };

    private final Function<PartitionKey, QueueRules> rules;
    private final Supplier<ClusterImage> images;
    private final InstantSource clock;
    private final ByteBufAllocator allocator;
    private final Map<PartitionKey, QueueDispatcher> dispatchers = new ConcurrentHashMap<>();
    private final Map<Long, QueueSession> sessions = new ConcurrentHashMap<>(); // one for each connection

    private volatile DeadLetterTarget deadLetters = DeadLetterTarget.NONE;
    private volatile BiConsumer<UUID, Subscription> onAbandoned = (topicId, subscription) -> {};
    private ClusterImage latest = ClusterImage.EMPTY; // owned by the thread that tells of images
    private final SubscriptionSource source = new SubscriptionSource() {
        @Override
        public Optional<TopicSubscriptions> of(PartitionKey partition) {
            return images.get().topic(partition.topicId()).map(TopicImage::subscriptions);
        }

        @Override
        public void onAbandoned(PartitionKey partition, Subscription subscription) {
            onAbandoned.accept(partition.topicId(), subscription);
        }
    };

    /**
     * No dispatchers yet.
     *
     * @param rules of the partition that is now led here
     * @param images the latest image
     */
    public QueueDispatchers(
            Function<PartitionKey, QueueRules> rules,
            Supplier<ClusterImage> images,
            InstantSource clock,
            ByteBufAllocator allocator) {
        this.rules = rules;
        this.images = images;
        this.clock = clock;
        this.allocator = allocator;
    }

    /** Puts the APIs of queues into the table. */
    public void addTo(RequestHandlers table, ClusterView cluster) {
        table.add(ApiKey.QUEUE_FETCH, QueueFetchRequest.class, new QueueFetchHandler(this, cluster))
                .add(
                        ApiKey.QUEUE_ACKNOWLEDGE,
                        QueueAcknowledgeRequest.class,
                        new QueueAcknowledgeHandler(this, cluster))
                .add(ApiKey.QUEUE_DETACH, QueueDetachRequest.class, new QueueDetachHandler(this))
                .add(ApiKey.QUEUE_BROWSE, QueueBrowseRequest.class, new QueueBrowseHandler(this, cluster));
    }

    /** Where dead letters go of partitions that are led from now on. */
    public void sendDeadLettersTo(DeadLetterTarget target) {
        deadLetters = target;
    }

    /** What becomes of records of a partition whose delivery has failed. */
    RedeliveryPolicy redelivery(PartitionKey key) {
        return rules.apply(key).redelivery().get();
    }

    /** Hears of subscriptions that nobody consumes and that end with their consumers. */
    void onAbandoned(BiConsumer<UUID, Subscription> listener) {
        onAbandoned = listener;
    }

    @Override
    public void onLeader(Partition partition, int leaderEpoch) {
        if (!partition.hasCursors()) {
            return;
        }
        ReplicatedLog cursorData = new LedLog(partition, LogKind.CURSOR, allocator);
        if (partition.kind() == DestinationKind.QUEUE) {
            onLeader(partition.key(), new LedLog(partition, LogKind.DATA, allocator), cursorData, leaderEpoch);
        } else {
            QueueDispatcher dispatcher =
                    lead(partition.key(), new SubscribedLog(partition, allocator), cursorData, leaderEpoch, source);
            partition.retainFrom(dispatcher::neededFrom);
        }
    }

    /** Takes over who subscribes to what. */
    public void onImage(ClusterImage image) {
        ClusterImage before = latest;
        latest = image;
        for (TopicImage topic : image.changedTopics(before)) {
            boolean isSubscribedOtherwise = topic.subscriptions().hasCursors()
                    && !before.topic(topic.topicId())
                            .map(TopicImage::subscriptions)
                            .equals(Optional.of(topic.subscriptions()));
            for (int index = 0; isSubscribedOtherwise && index < topic.partitionCount(); index++) {
                dispatcher(new PartitionKey(topic.topicId(), index)).ifPresent(QueueDispatcher::onSubscriptions);
            }
        }
    }

    /** The leader of a queue's partition. */
    void onLeader(PartitionKey key, ReplicatedLog data, ReplicatedLog cursorData, int leaderEpoch) {
        lead(key, data, cursorData, leaderEpoch, SubscriptionSource.NONE);
    }

    /** A dispatcher that is there already goes on: a leader that stays leader keeps its logs. */
    QueueDispatcher lead(
            PartitionKey key,
            ReplicatedLog data,
            ReplicatedLog cursorData,
            int leaderEpoch,
            SubscriptionSource subscriptions) {
        QueueDispatcher known = dispatchers.get(key);
        if (known != null) {
            return known;
        }
        QueueRules bounds = rules.apply(key);
        var cursorLog = new CoordinatorLog<>(cursorData, FORMAT, clock, allocator, bounds.appendTimeoutMs());
        var plan = new CursorUpkeep.Plan(bounds, leaderEpoch, cursorData, clock);
        var identity = new QueueDispatcher.Identity(key, () -> nameOf(key));
        var way = new DeadLetterMoves.Way(deadLetters, allocator);
        var dispatcher = new QueueDispatcher(identity, data, cursorLog, plan, subscriptions, way);
        dispatchers.put(key, dispatcher);
        dispatcher.start();
        return dispatcher;
    }

    private String nameOf(PartitionKey key) {
        String topic = images.get().topic(key.topicId()).map(TopicImage::name).orElseGet(() -> key.topicId()
                .toString());
        return topic + "-" + key.partition();
    }

    @Override
    public void onResigned(Partition partition) {
        partition.retainFrom(() -> 0);
        onResigned(partition.key());
    }

    void onResigned(PartitionKey key) {
        QueueDispatcher dispatcher = dispatchers.remove(key);
        if (dispatcher != null) {
            dispatcher.resign();
            sessions.values().forEach(session -> session.forget(dispatcher));
        }
    }

    /** The dispatcher of a partition; empty where it is not led here. */
    Optional<QueueDispatcher> dispatcher(PartitionKey key) {
        return Optional.ofNullable(dispatchers.get(key));
    }

    /** What goes on over the connection of a request; ends with it. */
    QueueSession session(RequestContext context) {
        QueueSession known = sessions.get(context.connectionId());
        if (known != null) {
            return known;
        }
        var session = new QueueSession(context.connectionId());
        sessions.put(context.connectionId(), session);
        context.onClose(() -> {
            sessions.remove(context.connectionId());
            session.close();
        });
        return session;
    }
}
