package io.millrace.server.request;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeleteRecordsRequest;
import io.millrace.protocol.message.DeleteRecordsResponse;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.Replicas;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Makes records below an offset unreadable, as leader, and answers when they are so on every in-sync replica, within the request's timeout.
 *
 * <p>Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION for an internal topic, POLICY_VIOLATION for a topic without
 * cleanup.policy=delete and for a queue, whose records leave when they are acknowledged, NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE above the
 * high watermark, REQUEST_TIMED_OUT, KAFKA_STORAGE_ERROR.
 */
final class DeleteRecordsHandler implements RequestHandler<DeleteRecordsRequest> {
    private static final int TIMEOUT_MAX_MS = 600_000;

    private final ClusterView cluster;
    private final Replicas replicas;
    private final TopicRulesCache rules;

    DeleteRecordsHandler(ClusterView cluster, Replicas replicas, TopicRulesCache rules) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.rules = rules;
    }

    @Override
    public CompletableFuture<DeleteRecordsResponse> handle(RequestContext context, DeleteRecordsRequest request) {
        int timeoutMs = Math.max(0, Math.min(TIMEOUT_MAX_MS, request.timeoutMs()));
        var topics = new ArrayList<CompletableFuture<DeleteRecordsResponse.Topic>>();
        for (DeleteRecordsRequest.Topic topic : request.topics()) {
            List<CompletableFuture<DeleteRecordsResponse.Partition>> partitions = topic.partitions().stream()
                    .map(asked -> delete(topic.name(), asked, timeoutMs))
                    .toList();
            topics.add(Futures.all(partitions).thenApply(all -> new DeleteRecordsResponse.Topic(topic.name(), all)));
        }
        return Futures.all(topics).thenApply(all -> new DeleteRecordsResponse(0, all));
    }

    private CompletableFuture<DeleteRecordsResponse.Partition> delete(
            String topicName, DeleteRecordsRequest.Partition asked, int timeoutMs) {
        int index = asked.partitionIndex();
        Optional<TopicImage> topic = cluster.image().topic(topicName).filter(found -> found.partition(index)
                .isPresent());
        if (topic.isEmpty()) {
            return refused(index, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        if (TopicNames.isInternal(topicName)) {
            return refused(index, ErrorCode.INVALID_TOPIC_EXCEPTION);
        }
        if (topic.get().kind() == DestinationKind.QUEUE
                || !rules.of(topic.get()).deletesRecords()) {
            return refused(index, ErrorCode.POLICY_VIOLATION);
        }
        Optional<Partition> partition =
                replicas.partition(new PartitionKey(topic.get().topicId(), index));
        if (partition.isEmpty()) {
            return refused(index, ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        return partition
                .get()
                .deleteRecords(asked.offset(), timeoutMs)
                .thenApply(
                        deleted -> new DeleteRecordsResponse.Partition(index, deleted.offset(), deleted.errorCode()));
    }

    private static CompletableFuture<DeleteRecordsResponse.Partition> refused(int index, ErrorCode error) {
        return CompletableFuture.completedFuture(DeleteRecordsResponse.Partition.error(index, error));
    }
}
