package io.millrace.server.queue;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import io.millrace.replication.PartitionKey;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Settles records of a consumer, each partition for itself; answers when all that is committed.
 *
 * <p>Errors of a partition: INVALID_RECORD_STATE where the consumer does not hold all of the records, INVALID_REQUEST, UNKNOWN_TOPIC_ID,
 * UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT where it may be committed later.
 */
final class QueueAcknowledgeHandler implements RequestHandler<QueueAcknowledgeRequest> {
    private final QueueDispatchers dispatchers;
    private final ClusterView cluster;

    QueueAcknowledgeHandler(QueueDispatchers dispatchers, ClusterView cluster) {
        this.dispatchers = dispatchers;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<QueueAcknowledgeResponse> handle(RequestContext context, QueueAcknowledgeRequest request) {
        dispatchers.session(context).endWaits();
        var partitions = new QueuePartitions(dispatchers, cluster.image());
        var answers = new ArrayList<CompletableFuture<ErrorCode>>();
        for (QueueAcknowledgeRequest.Topic topic : request.topics()) {
            for (QueueAcknowledgeRequest.Partition partition : topic.partitions()) {
                var key = new PartitionKey(topic.topicId(), partition.partitionIndex());
                answers.add(settle(
                        partitions, key, request.consumerId(), request.subscription(), partition.acknowledgements()));
            }
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> response(request, answers));
    }

    static CompletableFuture<ErrorCode> settle(
            QueuePartitions partitions,
            PartitionKey key,
            UUID consumerId,
            @Nullable String subscription,
            List<AcknowledgementBatch> batches) {
        QueuePartitions.Target target = partitions.target(key, subscription);
        var settlements = QueuePartitions.settlements(batches);
        if (settlements.isEmpty()) {
            return CompletableFuture.completedFuture(ErrorCode.INVALID_REQUEST);
        }
        return target.dispatcher()
                .map(dispatcher -> dispatcher.settle(consumerId, subscription, settlements.get()))
                .orElseGet(() -> CompletableFuture.completedFuture(target.errorCode()));
    }

    private QueueAcknowledgeResponse response(
            QueueAcknowledgeRequest request, List<CompletableFuture<ErrorCode>> answers) {
        var partitions = new QueuePartitions(dispatchers, cluster.image());
        var topics = new ArrayList<QueueAcknowledgeResponse.Topic>();
        int next = 0;
        for (QueueAcknowledgeRequest.Topic topic : request.topics()) {
            var answered = new ArrayList<QueueAcknowledgeResponse.Partition>();
            for (QueueAcknowledgeRequest.Partition partition : topic.partitions()) {
                PartitionState state = partitions.state(new PartitionKey(topic.topicId(), partition.partitionIndex()));
                answered.add(new QueueAcknowledgeResponse.Partition(
                        partition.partitionIndex(), answers.get(next++).join(), state.leaderId(), state.leaderEpoch()));
            }
            topics.add(new QueueAcknowledgeResponse.Topic(topic.topicId(), answered));
        }
        return new QueueAcknowledgeResponse(0, ErrorCode.NONE, topics);
    }
}
