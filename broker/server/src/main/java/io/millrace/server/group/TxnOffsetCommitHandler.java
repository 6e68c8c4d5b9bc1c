package io.millrace.server.group;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import io.millrace.server.coordinator.TransactionalProducer;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * Takes how far a group has read into a transaction; answers when that is in the log for good (KIP-98, KIP-447).
 *
 * <p>Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, OFFSET_METADATA_TOO_LARGE; of all, those of {@link GroupHandlers}, of the
 * {@link TransactionGate}, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, INVALID_PRODUCER_EPOCH.
 */
final class TxnOffsetCommitHandler implements RequestHandler<TxnOffsetCommitRequest> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 6;

    private final GroupCoordinators coordinators;
    private final ClusterView cluster;
    private final TransactionGate gate;

    TxnOffsetCommitHandler(GroupCoordinators coordinators, ClusterView cluster, TransactionGate gate) {
        this.coordinators = coordinators;
        this.cluster = cluster;
        this.gate = gate;
    }

    @Override
    public CompletableFuture<TxnOffsetCommitResponse> handle(RequestContext context, TxnOffsetCommitRequest request) {
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        ClusterImage image = cluster.image();
        var known = new ArrayList<TxnOffsetCommitRequest.Topic>();
        Map<Integer, TxnOffsetCommitResponse.Topic> refused = new HashMap<>(); // by their place in the request
        for (int i = 0; i < request.topics().size(); i++) {
            TxnOffsetCommitRequest.Topic topic = request.topics().get(i);
            Optional<TopicImage> found = byId ? image.topic(topic.topicId()) : image.topic(topic.name());
            if (found.isPresent()) {
                known.add(new TxnOffsetCommitRequest.Topic(found.get().name(), topic.topicId(), topic.partitions()));
            } else {
                refused.put(i, refuse(topic, byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
            }
        }
        return known.isEmpty()
                ? CompletableFuture.completedFuture(merge(new TxnOffsetCommitResponse(0, List.of()), refused))
                : verify(withTopics(request, known), context.apiVersion()).thenApply(answer -> merge(answer, refused));
    }

    private CompletableFuture<TxnOffsetCommitResponse> verify(TxnOffsetCommitRequest request, short apiVersion) {
        OptionalInt partition = coordinators.partitionOf(request.groupId());
        if (partition.isEmpty()) {
            return CompletableFuture.completedFuture(refuseAll(request, ErrorCode.NOT_COORDINATOR));
        }
        var transaction = new TransactionGate.Transaction(
                request.transactionalId(), request.producerId(), request.producerEpoch());
        return gate.verify(transaction, partition.getAsInt(), apiVersion)
                .thenCompose(error -> error.isError()
                        ? CompletableFuture.completedFuture(refuseAll(request, error))
                        : commit(request));
    }

    private CompletableFuture<TxnOffsetCommitResponse> commit(TxnOffsetCommitRequest request) {
        return coordinators.decide(
                request.groupId(),
                (groups, nowMs) -> groups.commitOffsets(request, nowMs),
                new TransactionalProducer(request.producerId(), request.producerEpoch()),
                error -> refuseAll(request, error));
    }

    private static TxnOffsetCommitRequest withTopics(
            TxnOffsetCommitRequest request, List<TxnOffsetCommitRequest.Topic> topics) {
        return new TxnOffsetCommitRequest(
                request.transactionalId(),
                request.groupId(),
                request.producerId(),
                request.producerEpoch(),
                request.generationIdOrMemberEpoch(),
                request.memberId(),
                request.groupInstanceId(),
                topics);
    }

    private static TxnOffsetCommitResponse refuseAll(TxnOffsetCommitRequest request, ErrorCode error) {
        return (TxnOffsetCommitResponse) request.errorResponse(error);
    }

    private static TxnOffsetCommitResponse.Topic refuse(TxnOffsetCommitRequest.Topic topic, ErrorCode error) {
        return new TxnOffsetCommitResponse.Topic(
                topic.name(),
                topic.topicId(),
                topic.partitions().stream()
                        .map(partition -> TxnOffsetCommitResponse.Partition.error(partition.partitionIndex(), error))
                        .toList());
    }

    private static TxnOffsetCommitResponse merge(
            TxnOffsetCommitResponse response, Map<Integer, TxnOffsetCommitResponse.Topic> refused) {
        if (refused.isEmpty()) {
            return response;
        }
        var topics = new ArrayList<TxnOffsetCommitResponse.Topic>();
        int next = 0;
        for (int i = 0; i < response.topics().size() + refused.size(); i++) {
            TxnOffsetCommitResponse.Topic refusal = refused.get(i);
            topics.add(refusal == null ? response.topics().get(next++) : refusal);
        }
        return new TxnOffsetCommitResponse(response.throttleTimeMs(), topics);
    }
}
