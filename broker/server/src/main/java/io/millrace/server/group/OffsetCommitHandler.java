package io.millrace.server.group;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Stores how far a group has read; answers when that is committed.
 *
 * <p>Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, OFFSET_METADATA_TOO_LARGE; of all, those of {@link GroupHandlers}.
 */
final class OffsetCommitHandler implements RequestHandler<OffsetCommitRequest> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 10;

    private final GroupCoordinators coordinators;
    private final ClusterView cluster;

    OffsetCommitHandler(GroupCoordinators coordinators, ClusterView cluster) {
        this.coordinators = coordinators;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<OffsetCommitResponse> handle(RequestContext context, OffsetCommitRequest request) {
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        ClusterImage image = cluster.image();
        var known = new ArrayList<OffsetCommitRequest.Topic>();
        Map<Integer, OffsetCommitResponse.Topic> refused = new HashMap<>(); // by their place in the request
        for (int i = 0; i < request.topics().size(); i++) {
            OffsetCommitRequest.Topic topic = request.topics().get(i);
            Optional<TopicImage> found = byId ? image.topic(topic.topicId()) : image.topic(topic.name());
            if (found.isPresent()) {
                known.add(new OffsetCommitRequest.Topic(found.get().name(), topic.topicId(), topic.partitions()));
            } else {
                refused.put(i, refuse(topic, byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION));
            }
        }
        return commit(withTopics(request, known), context.apiVersion()).thenApply(response -> merge(response, refused));
    }

    private CompletableFuture<OffsetCommitResponse> commit(OffsetCommitRequest request, short apiVersion) {
        return coordinators.decide(
                request.groupId(),
                (groups, nowMs) -> groups.commitOffsets(request, apiVersion, nowMs),
                error -> refuseAll(request, error));
    }

    private static OffsetCommitRequest withTopics(OffsetCommitRequest request, List<OffsetCommitRequest.Topic> topics) {
        return new OffsetCommitRequest(
                request.groupId(),
                request.generationIdOrMemberEpoch(),
                request.memberId(),
                request.groupInstanceId(),
                request.retentionTimeMs(),
                topics);
    }

    private static OffsetCommitResponse refuseAll(OffsetCommitRequest request, ErrorCode error) {
        return (OffsetCommitResponse) request.errorResponse(error);
    }

    private static OffsetCommitResponse.Topic refuse(OffsetCommitRequest.Topic topic, ErrorCode error) {
        return new OffsetCommitResponse.Topic(
                topic.name(),
                topic.topicId(),
                topic.partitions().stream()
                        .map(partition -> OffsetCommitResponse.Partition.error(partition.partitionIndex(), error))
                        .toList());
    }

    private static OffsetCommitResponse merge(
            OffsetCommitResponse response, Map<Integer, OffsetCommitResponse.Topic> refused) {
        if (refused.isEmpty()) {
            return response;
        }
        var topics = new ArrayList<OffsetCommitResponse.Topic>();
        int next = 0;
        for (int i = 0; i < response.topics().size() + refused.size(); i++) {
            OffsetCommitResponse.Topic refusal = refused.get(i);
            topics.add(refusal == null ? response.topics().get(next++) : refusal);
        }
        return new OffsetCommitResponse(response.throttleTimeMs(), topics);
    }
}
