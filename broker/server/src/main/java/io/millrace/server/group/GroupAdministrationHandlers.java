package io.millrace.server.group;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupDeletion;
import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ConsumerGroupDescribeRequest;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.DeleteGroupsRequest;
import io.millrace.protocol.message.DeleteGroupsResponse;
import io.millrace.protocol.message.DescribeGroupsRequest;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What operators ask of groups, taken to the coordinators, which know.
 *
 * <p>Errors of all: those that {@link GroupHandlers} names, and INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP and GROUP_SUBSCRIBED_TO_TOPIC
 * for what cannot be forgotten; UNKNOWN_TOPIC_OR_PARTITION for offsets of topics that there are not.
 */
final class GroupAdministrationHandlers {
    private final GroupCoordinators coordinators;
    private final ClusterView cluster;

    GroupAdministrationHandlers(GroupCoordinators coordinators, ClusterView cluster) {
        this.coordinators = coordinators;
        this.cluster = cluster;
    }

    void addTo(RequestHandlers table) {
        table.add(ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest.class, this::describe)
                .add(
                        ApiKey.CONSUMER_GROUP_DESCRIBE,
                        ConsumerGroupDescribeRequest.class,
                        (context, request) -> describe(request))
                .add(ApiKey.LIST_GROUPS, ListGroupsRequest.class, (context, request) -> list(request))
                .add(ApiKey.DELETE_GROUPS, DeleteGroupsRequest.class, (context, request) -> delete(request))
                .add(ApiKey.OFFSET_DELETE, OffsetDeleteRequest.class, (context, request) -> deleteOffsets(request));
    }

    private CompletableFuture<DescribeGroupsResponse> describe(RequestContext context, DescribeGroupsRequest request) {
        return each(
                        request.groups(),
                        groupId -> coordinators.decide(
                                groupId,
                                (groups, nowMs) -> Outcome.answer(groups.describe(groupId, context.apiVersion())),
                                error -> DescribeGroupsResponse.Group.error(groupId, error)))
                .thenApply(described -> new DescribeGroupsResponse(0, described));
    }

    private CompletableFuture<ConsumerGroupDescribeResponse> describe(ConsumerGroupDescribeRequest request) {
        return each(
                        request.groupIds(),
                        groupId -> coordinators.decide(
                                groupId,
                                (groups, nowMs) -> Outcome.answer(groups.describe(groupId)),
                                error -> ConsumerGroupDescribeResponse.Group.error(groupId, error, null)))
                .thenApply(described -> new ConsumerGroupDescribeResponse(0, described));
    }

    /** A coordinator that is not ready makes the answer an error, for it would lack groups. */
    private CompletableFuture<ListGroupsResponse> list(ListGroupsRequest request) {
        return each(
                        coordinators.all(),
                        coordinator -> coordinator.<ListGroupsResponse>decide(
                                (groups, nowMs) ->
                                        Outcome.answer(new ListGroupsResponse(0, ErrorCode.NONE, groups.list(request))),
                                error -> (ListGroupsResponse) request.errorResponse(error)))
                .thenApply(GroupAdministrationHandlers::together);
    }

    private static ListGroupsResponse together(List<ListGroupsResponse> parts) {
        var groups = new ArrayList<ListGroupsResponse.Group>();
        ErrorCode error = ErrorCode.NONE;
        for (ListGroupsResponse part : parts) {
            groups.addAll(part.groups());
            boolean isElsewhere = part.errorCode() == ErrorCode.NOT_COORDINATOR;
            error = part.errorCode().isError() && !isElsewhere ? part.errorCode() : error;
        }
        return new ListGroupsResponse(0, error, groups);
    }

    private CompletableFuture<DeleteGroupsResponse> delete(DeleteGroupsRequest request) {
        return each(request.groupsNames().stream().distinct().toList(), groupId -> delete(groupId)
                        .thenApply(error -> new DeleteGroupsResponse.Result(groupId, error, null)))
                .thenApply(results -> new DeleteGroupsResponse(0, results));
    }

    /** As often as it takes: a group may have more offsets than fit into a batch. */
    private CompletableFuture<ErrorCode> delete(String groupId) {
        return coordinators
                .decide(groupId, (groups, nowMs) -> groups.delete(groupId), GroupDeletion::of)
                .thenCompose(deletion ->
                        deletion.isPartial() ? delete(groupId) : CompletableFuture.completedFuture(deletion.error()));
    }

    private CompletableFuture<OffsetDeleteResponse> deleteOffsets(OffsetDeleteRequest request) {
        ClusterImage image = cluster.image();
        var known = request.topics().stream()
                .filter(topic -> image.topic(topic.name()).isPresent())
                .toList();
        var unknown = request.topics().stream()
                .filter(topic -> image.topic(topic.name()).isEmpty())
                .map(GroupAdministrationHandlers::unknown)
                .toList();
        return coordinators
                .decide(
                        request.groupId(),
                        (groups, nowMs) -> groups.deleteOffsets(new OffsetDeleteRequest(request.groupId(), known)),
                        error -> (OffsetDeleteResponse) request.errorResponse(error))
                .thenApply(answer -> with(answer, unknown));
    }

    private static OffsetDeleteResponse.Topic unknown(OffsetDeleteRequest.Topic topic) {
        return new OffsetDeleteResponse.Topic(
                topic.name(),
                topic.partitions().stream()
                        .map(partition -> new OffsetDeleteResponse.Partition(
                                partition.partitionIndex(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
                        .toList());
    }

    private static OffsetDeleteResponse with(OffsetDeleteResponse answer, List<OffsetDeleteResponse.Topic> more) {
        if (answer.errorCode().isError() || more.isEmpty()) {
            return answer;
        }
        var topics = new ArrayList<>(answer.topics());
        topics.addAll(more);
        return new OffsetDeleteResponse(answer.errorCode(), 0, topics);
    }

    private static <Q, A> CompletableFuture<List<A>> each(List<Q> asked, Function<Q, CompletableFuture<A>> ask) {
        List<CompletableFuture<A>> answers = asked.stream().map(ask).toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> answers.stream().map(CompletableFuture::join).toList());
    }
}
