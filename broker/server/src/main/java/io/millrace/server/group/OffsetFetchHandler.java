package io.millrace.server.group;

import io.millrace.coordinator.Outcome;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Tells how far groups have read: -1 where that is not known.
 *
 * <p>Errors of a group are those of {@link GroupHandlers}; of a partition, UNKNOWN_TOPIC_ID, and UNSTABLE_OFFSET_COMMIT
 * where the client wants only what no transaction is about to change.
 */
final class OffsetFetchHandler implements RequestHandler<OffsetFetchRequest> {
    private static final int FIRST_VERSION_WITH_GROUPS = 8;
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 10;
    private static final UUID NO_ID = new UUID(0, 0);

    private final GroupCoordinators coordinators;
    private final ClusterView cluster;

    OffsetFetchHandler(GroupCoordinators coordinators, ClusterView cluster) {
        this.coordinators = coordinators;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<OffsetFetchResponse> handle(RequestContext context, OffsetFetchRequest request) {
        if (context.apiVersion() < FIRST_VERSION_WITH_GROUPS) {
            return fetch(asGroup(request), request.requireStable()).thenApply(OffsetFetchHandler::ofOneGroup);
        }
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        ClusterImage image = cluster.image();
        List<CompletableFuture<OffsetFetchResponse.Group>> answers = request.groups().stream()
                .map(group -> byId
                        ? fetch(withNames(image, group), request.requireStable())
                                .thenApply(answer -> withIds(image, answer))
                        : fetch(group, request.requireStable()))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> new OffsetFetchResponse(
                        0,
                        List.of(),
                        ErrorCode.NONE,
                        answers.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<OffsetFetchResponse.Group> fetch(
            OffsetFetchRequest.Group request, boolean requireStable) {
        return coordinators.decide(
                request.groupId(),
                (groups, nowMs) -> Outcome.answer(groups.fetchOffsets(request, requireStable)),
                error -> refused(request, error));
    }

    private static OffsetFetchResponse.Group refused(OffsetFetchRequest.Group request, ErrorCode error) {
        return new OffsetFetchResponse.Group(request.groupId(), List.of(), error);
    }

    private static OffsetFetchRequest.Group asGroup(OffsetFetchRequest request) {
        List<OffsetFetchRequest.Topic> topics = request.topics();
        return new OffsetFetchRequest.Group(
                request.groupId(),
                null,
                -1,
                topics == null
                        ? null
                        : topics.stream()
                                .map(topic -> new OffsetFetchRequest.GroupTopic(
                                        topic.name(), NO_ID, topic.partitionIndexes()))
                                .toList());
    }

    private static OffsetFetchResponse ofOneGroup(OffsetFetchResponse.Group group) {
        var topics = group.topics().stream()
                .map(topic -> new OffsetFetchResponse.Topic(
                        topic.name(),
                        topic.partitions().stream()
                                .map(OffsetFetchHandler::ofOneGroup)
                                .toList()))
                .toList();
        return new OffsetFetchResponse(0, topics, group.errorCode(), List.of());
    }

    private static OffsetFetchResponse.Partition ofOneGroup(OffsetFetchResponse.GroupPartition partition) {
        return new OffsetFetchResponse.Partition(
                partition.partitionIndex(),
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                partition.metadata(),
                partition.errorCode());
    }

    private static OffsetFetchRequest.Group withNames(ClusterImage image, OffsetFetchRequest.Group request) {
        List<OffsetFetchRequest.GroupTopic> topics = request.topics();
        return new OffsetFetchRequest.Group(
                request.groupId(),
                request.memberId(),
                request.memberEpoch(),
                topics == null
                        ? null
                        : topics.stream()
                                .map(topic -> new OffsetFetchRequest.GroupTopic(
                                        image.topic(topic.topicId())
                                                .map(TopicImage::name)
                                                .orElse(""),
                                        topic.topicId(),
                                        topic.partitionIndexes()))
                                .toList());
    }

    private static OffsetFetchResponse.Group withIds(ClusterImage image, OffsetFetchResponse.Group answer) {
        return new OffsetFetchResponse.Group(
                answer.groupId(),
                answer.topics().stream().map(topic -> withId(image, topic)).toList(),
                answer.errorCode());
    }

    private static OffsetFetchResponse.GroupTopic withId(ClusterImage image, OffsetFetchResponse.GroupTopic topic) {
        if (!topic.topicId().equals(NO_ID) && image.topic(topic.topicId()).isEmpty()) {
            return new OffsetFetchResponse.GroupTopic(
                    topic.name(),
                    topic.topicId(),
                    topic.partitions().stream()
                            .map(partition -> OffsetFetchResponse.GroupPartition.error(
                                    partition.partitionIndex(), ErrorCode.UNKNOWN_TOPIC_ID))
                            .toList());
        }
        UUID topicId = topic.topicId().equals(NO_ID)
                ? image.topic(topic.name()).map(TopicImage::topicId).orElse(NO_ID)
                : topic.topicId();
        return new OffsetFetchResponse.GroupTopic(topic.name(), topicId, topic.partitions());
    }
}
