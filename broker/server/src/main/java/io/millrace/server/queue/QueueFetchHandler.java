package io.millrace.server.queue;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.RedeliveryPolicy;
import io.millrace.coordinator.queue.Selection;
import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchRequest;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.message.QueueFetchResponse.Redelivery;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.Cancellable;
import io.millrace.replication.PartitionKey;
import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.server.network.ServerConnection;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Acquires records for a consumer from the first of some partitions that has any, waiting where none has; settles what the request says
 * before.
 *
 * <p>A wait ends early when a partition is not led here, when the acknowledgements that came along are committed, and when another
 * request about queues comes over the connection. Errors of a partition: those of {@link QueueAcknowledgeHandler}, for the
 * acknowledgements apart; KAFKA_STORAGE_ERROR where its logs cannot be read; RESOURCE_NOT_FOUND where the subscription has ended; NON_EMPTY_GROUP where
 * another consumer has it and it is not shared; THROTTLING_QUOTA_EXCEEDED where there are too many selectors. What is no selector, and one for a subscription, which has its own, is
 * refused with INVALID_REQUEST and why.
 */
final class QueueFetchHandler implements RequestHandler<QueueFetchRequest> {
    private static final int WAIT_MAX_MS = 60_000;

    private final QueueDispatchers dispatchers;
    private final ClusterView cluster;
    private final AtomicInteger rotation = new AtomicInteger();

    QueueFetchHandler(QueueDispatchers dispatchers, ClusterView cluster) {
        this.dispatchers = dispatchers;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<QueueFetchResponse> handle(RequestContext context, QueueFetchRequest request) {
        QueueSession session = dispatchers.session(context);
        session.endWaits();
        try {
            return handle(context.connection(), session, request, session.selector(request.selector()));
        } catch (InvalidSelectorSyntaxException e) {
            return CompletableFuture.completedFuture(refused(request, e.getMessage()));
        }
    }

    private static QueueFetchResponse refused(QueueFetchRequest request, @Nullable String why) {
        return request.errorResponse(ErrorCode.INVALID_REQUEST).because(why);
    }

    private CompletableFuture<QueueFetchResponse> handle(
            ServerConnection connection, QueueSession session, QueueFetchRequest request, String selector) {
        if (request.subscription() != null && !selector.equals(Selection.ALL)) {
            String why =
                    "The selector '" + selector + "' was given for a subscription, which has the one it was made with";
            return CompletableFuture.completedFuture(refused(request, why));
        }
        var partitions = new QueuePartitions(dispatchers, cluster.image());
        List<QueuePartitions.Target> targets = new ArrayList<>();
        Map<PartitionKey, CompletableFuture<ErrorCode>> settled = new HashMap<>();
        for (QueueFetchRequest.Topic topic : request.topics()) {
            for (QueueFetchRequest.Partition partition : topic.partitions()) {
                var key = new PartitionKey(topic.topicId(), partition.partitionIndex());
                targets.add(partitions.target(key, request.subscription()));
                if (!partition.acknowledgements().isEmpty()) {
                    settled.put(
                            key,
                            QueueAcknowledgeHandler.settle(
                                    partitions,
                                    key,
                                    request.consumerId(),
                                    request.subscription(),
                                    partition.acknowledgements()));
                }
            }
        }
        var settledAll = CompletableFuture.allOf(settled.values().toArray(CompletableFuture[]::new));
        PendingAcquire pending = pending(connection, request, selector);
        session.onAcquire(pending);
        if (!settled.isEmpty()) {
            settledAll.thenRun(pending::end);
        }
        Map<PartitionKey, ErrorCode> refused = new ConcurrentHashMap<>();
        CompletableFuture<?> visited = visit(session, pending, targets, refused);
        if (request.maxWaitMs() <= 0) {
            visited.thenRun(pending::end);
        } else {
            endInTime(connection, pending, request.maxWaitMs());
        }
        // Who has a subscription is known only when all have been asked.
        CompletableFuture<?> answered =
                request.subscription() == null ? settledAll : CompletableFuture.allOf(settledAll, visited);
        return pending.acquired()
                .thenCombine(answered, (acquired, done) -> response(request, targets, acquired, settled, refused));
    }

    private static PendingAcquire pending(ServerConnection connection, QueueFetchRequest request, String selector) {
        var pending = new PendingAcquire(
                new ConsumerId(connection.id(), request.consumerId()),
                new PendingAcquire.Kind(request.subscription(), selector),
                request.maxRecords(),
                request.maxBytes(),
                connection::isOpen);
        if (request.maxRecords() <= 0) {
            pending.end();
        }
        return pending;
    }

    /**
     * Asks each partition, every time beginning with another one, so that none is always served last.
     *
     * @param refused gets why partitions do not serve this consumer
     * @return completes when all have been asked
     */
    private CompletableFuture<?> visit(
            QueueSession session,
            PendingAcquire pending,
            List<QueuePartitions.Target> targets,
            Map<PartitionKey, ErrorCode> refused) {
        List<QueuePartitions.Target> rotated = new ArrayList<>(targets);
        if (!rotated.isEmpty()) {
            Collections.rotate(rotated, rotation.incrementAndGet() % rotated.size());
        }
        boolean allLed = !rotated.isEmpty();
        var visits = new ArrayList<CompletableFuture<?>>();
        for (QueuePartitions.Target target : rotated) {
            allLed &= target.dispatcher().isPresent();
            target.dispatcher().ifPresent(dispatcher -> {
                session.uses(dispatcher);
                visits.add(dispatcher.acquire(pending).thenAccept(error -> {
                    if (error.isError()) {
                        refused.put(target.key(), error);
                    }
                    if (error == ErrorCode.NOT_LEADER_OR_FOLLOWER) {
                        pending.end();
                    }
                }));
            });
        }
        if (!allLed) {
            endWhenVisited(pending, rotated);
        }
        return CompletableFuture.allOf(visits.toArray(CompletableFuture<?>[]::new));
    }

    /** The consumer had better learn soon who leads the rest. */
    private static void endWhenVisited(PendingAcquire pending, List<QueuePartitions.Target> targets) {
        CompletableFuture<?>[] visits = targets.stream()
                .flatMap(target -> target.dispatcher().stream())
                .map(QueueDispatcher::barrier)
                .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(visits).thenRun(pending::end);
    }

    private static void endInTime(ServerConnection connection, PendingAcquire pending, int maxWaitMs) {
        if (pending.isClaimed()) {
            return;
        }
        Cancellable timer = connection.schedule(pending::end, Math.max(0, Math.min(maxWaitMs, WAIT_MAX_MS)));
        pending.acquired().thenRun(timer::cancel);
    }

    private QueueFetchResponse response(
            QueueFetchRequest request,
            List<QueuePartitions.Target> targets,
            Acquired acquired,
            Map<PartitionKey, CompletableFuture<ErrorCode>> settled,
            Map<PartitionKey, ErrorCode> refused) {
        var partitions = new QueuePartitions(dispatchers, cluster.image());
        var topics = new ArrayList<QueueFetchResponse.Topic>();
        Acquired unused = acquired; // goes into the answer once, even where the request names its partition twice
        int next = 0;
        for (QueueFetchRequest.Topic topic : request.topics()) {
            var answered = new ArrayList<QueueFetchResponse.Partition>();
            for (int i = 0; i < topic.partitions().size(); i++) {
                QueuePartitions.Target target = targets.get(next++);
                CompletableFuture<ErrorCode> settlement = settled.get(target.key());
                ErrorCode settlementError = settlement == null ? ErrorCode.NONE : settlement.join();
                // Asked again, since the leadership may have been lost meanwhile.
                ErrorCode now =
                        partitions.target(target.key(), request.subscription()).errorCode();
                ErrorCode error = now.isError() ? now : refused.getOrDefault(target.key(), ErrorCode.NONE);
                answered.add(partition(partitions, target, error, unused, settlementError));
                unused = target.key().equals(unused.partition()) ? Acquired.NOTHING : unused;
            }
            topics.add(new QueueFetchResponse.Topic(topic.topicId(), answered));
        }
        return new QueueFetchResponse(0, ErrorCode.NONE, topics);
    }

    private QueueFetchResponse.Partition partition(
            QueuePartitions partitions,
            QueuePartitions.Target target,
            ErrorCode otherwise,
            Acquired acquired,
            ErrorCode settlementError) {
        PartitionState state = partitions.state(target.key());
        boolean isSource = target.key().equals(acquired.partition());
        ErrorCode error = isSource ? acquired.errorCode() : otherwise;
        return new QueueFetchResponse.Partition(
                target.key().partition(),
                target.errorCode().isError() ? target.errorCode() : error,
                settlementError,
                state.leaderId(),
                state.leaderEpoch(),
                isSource ? acquired.records() : Records.EMPTY,
                isSource ? acquired.ranges() : List.of(),
                isSource ? redelivery(target.key()) : Redelivery.UNLIMITED);
    }

    private Redelivery redelivery(PartitionKey key) {
        RedeliveryPolicy policy = dispatchers.redelivery(key);
        return new Redelivery(policy.deliveriesMax(), policy.delayMs());
    }
}
