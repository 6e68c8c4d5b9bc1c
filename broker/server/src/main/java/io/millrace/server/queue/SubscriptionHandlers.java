package io.millrace.server.queue;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreateSubscriptionRequest;
import io.millrace.protocol.message.CreateSubscriptionResponse;
import io.millrace.protocol.message.DeleteSubscriptionRequest;
import io.millrace.protocol.message.DeleteSubscriptionResponse;
import io.millrace.protocol.message.DescribeSubscriptionsRequest;
import io.millrace.protocol.message.DescribeSubscriptionsResponse;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.NewSubscription;
import io.millrace.replication.controller.SubscriptionResult;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ControllerCall;
import io.millrace.server.request.ControllerRoute;
import io.millrace.server.request.Forwarding;
import io.millrace.server.request.Futures;
import io.millrace.server.request.RequestHandlers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The handlers that have subscriptions of topics begin and end, and tell how they stand. The controller decides; an answer leaves when this broker knows of
 * it.
 *
 * <p>Errors: INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION; DUPLICATE_RESOURCE where there is one of the same name that is shared and this
 * one is not, or the other way round; GROUP_SUBSCRIBED_TO_TOPIC where there is one with another selector or of another topic that is not to be replaced;
 * RESOURCE_NOT_FOUND; the controller's.
 */
public record SubscriptionHandlers(
        ClusterView cluster, QueueDispatchers dispatchers, ControllerRoute route, Controller controller) {
    private static final long KNOWN_TIMEOUT_MS = 5_000;
    private static final int ABANDONED_TIMEOUT_MS = 5_000;

    public void addTo(RequestHandlers table) {
        table.add(
                        ApiKey.CREATE_SUBSCRIPTION,
                        CreateSubscriptionRequest.class,
                        (context, request) -> create(request, !Forwarding.isForwarded(context)))
                .add(
                        ApiKey.DELETE_SUBSCRIPTION,
                        DeleteSubscriptionRequest.class,
                        (context, request) -> delete(request, !Forwarding.isForwarded(context)))
                .add(
                        ApiKey.DESCRIBE_SUBSCRIPTIONS,
                        DescribeSubscriptionsRequest.class,
                        (context, request) -> describe(cluster.image(), request));
        dispatchers.onAbandoned((topicId, subscription) ->
                delete(new DeleteSubscriptionRequest(topicId, subscription.number(), ABANDONED_TIMEOUT_MS), true));
    }

    private CompletableFuture<CreateSubscriptionResponse> create(
            CreateSubscriptionRequest request, boolean mayForward) {
        return route.call(
                        new ControllerCall<CreateSubscriptionResponse>(
                                request,
                                () -> createHere(request),
                                response -> response.errorCode() == ErrorCode.NOT_CONTROLLER,
                                request.timeoutMs()),
                        mayForward)
                .thenCompose(response ->
                        once(image -> response.errorCode().isError() || isKnown(image, response), response));
    }

    private <R> CompletableFuture<R> once(Predicate<ClusterImage> isKnown, R response) {
        return cluster.await(isKnown, KNOWN_TIMEOUT_MS).thenApply(known -> response);
    }

    private static boolean isKnown(ClusterImage image, CreateSubscriptionResponse response) {
        return image.topic(response.topicId())
                .filter(topic -> topic.subscriptions().lastNumber() >= response.number())
                .isPresent();
    }

    private CompletableFuture<CreateSubscriptionResponse> createHere(CreateSubscriptionRequest request) {
        var identity = new Subscription.Identity(request.clientId(), request.name(), request.isDurable());
        var wanted = new NewSubscription(
                request.topicName(),
                identity,
                request.isShared(),
                request.selector(),
                request.noLocal(),
                request.replaces());
        return controller.createSubscription(wanted).thenApply(SubscriptionHandlers::created);
    }

    private static CreateSubscriptionResponse created(SubscriptionResult result) {
        return new CreateSubscriptionResponse(
                0,
                result.errorCode(),
                messageOf(result),
                result.topic().map(TopicImage::topicId).orElse(new UUID(0, 0)),
                result.subscription().map(Subscription::number).orElse(0L));
    }

    private static @Nullable String messageOf(SubscriptionResult result) {
        return result.message().isEmpty() ? null : result.message();
    }

    private CompletableFuture<DeleteSubscriptionResponse> delete(
            DeleteSubscriptionRequest request, boolean mayForward) {
        return route.call(
                        new ControllerCall<DeleteSubscriptionResponse>(
                                request,
                                () -> deleteHere(request),
                                response -> response.errorCode() == ErrorCode.NOT_CONTROLLER,
                                request.timeoutMs()),
                        mayForward)
                .thenCompose(
                        response -> once(image -> response.errorCode().isError() || isGone(image, request), response));
    }

    private static boolean isGone(ClusterImage image, DeleteSubscriptionRequest request) {
        return image.topic(request.topicId())
                .map(TopicImage::subscriptions)
                .map(TopicSubscriptions::byNumber)
                .filter(byNumber -> byNumber.containsKey(request.number()))
                .isEmpty();
    }

    private CompletableFuture<DeleteSubscriptionResponse> deleteHere(DeleteSubscriptionRequest request) {
        return controller
                .deleteSubscription(request.topicId(), request.number())
                .thenApply(result -> new DeleteSubscriptionResponse(0, result.errorCode(), messageOf(result)));
    }

    // ---- telling

    private CompletableFuture<DescribeSubscriptionsResponse> describe(
            ClusterImage image, DescribeSubscriptionsRequest request) {
        var described = new ArrayList<CompletableFuture<DescribeSubscriptionsResponse.Subscription>>();
        image.topics().stream()
                .filter(topic -> request.topicName() == null || topic.name().equals(request.topicName()))
                .sorted(Comparator.comparing(TopicImage::name))
                .forEach(topic -> topic.subscriptions().byNumber().values().stream()
                        .filter(subscription -> request.name() == null
                                || subscription.identity().name().equals(request.name()))
                        .sorted(Comparator.comparing(Subscription::number))
                        .forEach(subscription ->
                                described.add(describe(topic, subscription, request.includePartitions()))));
        return Futures.all(described).thenApply(all -> new DescribeSubscriptionsResponse(0, ErrorCode.NONE, all));
    }

    private CompletableFuture<DescribeSubscriptionsResponse.Subscription> describe(
            TopicImage topic, Subscription subscription, boolean includePartitions) {
        var partitions = new ArrayList<CompletableFuture<DescribeSubscriptionsResponse.Partition>>();
        for (int index = 0; includePartitions && index < topic.partitionCount(); index++) {
            int partition = index;
            dispatchers
                    .dispatcher(new PartitionKey(topic.topicId(), index))
                    .map(dispatcher -> dispatcher.standing(subscription.key()))
                    .ifPresent(standing -> partitions.add(standing.thenApply(found -> partition(partition, found))));
        }
        return Futures.all(partitions).thenApply(all -> describe(topic, subscription, all));
    }

    private static DescribeSubscriptionsResponse.Partition partition(
            int index, Optional<PartitionSubscriptions.Standing> standing) {
        return standing.map(found -> new DescribeSubscriptionsResponse.Partition(
                        index,
                        true,
                        found.acknowledgedBelow(),
                        found.unacknowledged(),
                        found.acquired(),
                        found.consumers()))
                .orElse(new DescribeSubscriptionsResponse.Partition(index, false, 0, 0, 0, List.of()));
    }

    private static DescribeSubscriptionsResponse.Subscription describe(
            TopicImage topic, Subscription subscription, List<DescribeSubscriptionsResponse.Partition> partitions) {
        return new DescribeSubscriptionsResponse.Subscription(
                topic.topicId(),
                topic.name(),
                subscription.number(),
                subscription.identity().clientId(),
                subscription.identity().name(),
                subscription.identity().isDurable(),
                subscription.isShared(),
                subscription.selector(),
                subscription.noLocal(),
                topic.partitionCount(),
                partitions);
    }
}
