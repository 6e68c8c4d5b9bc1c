package io.millrace.server.administration;

import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreatePartitionsRequest;
import io.millrace.protocol.message.CreatePartitionsRequest.Assignment;
import io.millrace.protocol.message.CreatePartitionsResponse;
import io.millrace.protocol.message.DescribeTopicPartitionsRequest;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.MorePartitions;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.quota.MutationAllowance;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ControllerCall;
import io.millrace.server.request.ControllerRoute;
import io.millrace.server.request.Forwarding;
import io.millrace.server.request.Futures;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandlers;
import io.millrace.server.request.TopicNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The handlers that add partitions to topics and describe them. The controller adds them; that is answered when this broker knows of it.
 *
 * <p>Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR,
 * REASSIGNMENT_IN_PROGRESS, THROTTLING_QUOTA_EXCEEDED from version 3 on, INVALID_REQUEST for one that is named twice or must not grow; of all, NOT_CONTROLLER and REQUEST_TIMED_OUT.
 */
record TopicHandlers(ClusterView cluster, ControllerRoute route, Controller controller, ClientQuotas quotas) {
    private static final long KNOWN_TIMEOUT_MS = 5_000;
    private static final int FIRST_VERSION_WITH_REFUSAL = 3;

    void addTo(RequestHandlers table) {
        var descriptions = new TopicDescriptions(cluster);
        table.add(ApiKey.CREATE_PARTITIONS, CreatePartitionsRequest.class, this::growWithin)
                .add(
                        ApiKey.DESCRIBE_TOPIC_PARTITIONS,
                        DescribeTopicPartitionsRequest.class,
                        (context, request) -> CompletableFuture.completedFuture(descriptions.page(request)));
    }

    /** What the client's {@code controller_mutation_rate} does not admit is refused here, and reaches no controller. */
    private CompletableFuture<CreatePartitionsResponse> growWithin(
            RequestContext context, CreatePartitionsRequest request) {
        if (Forwarding.isForwarded(context) || request.validateOnly()) {
            return grow(request, !Forwarding.isForwarded(context));
        }
        var allowance = quotas.mutations(context.clientId(), context.apiVersion() >= FIRST_VERSION_WITH_REFUSAL);
        var admitted = new ArrayList<CreatePartitionsRequest.Topic>();
        var answers = new ArrayList<CreatePartitionsResponse.Result>();
        for (CreatePartitionsRequest.Topic topic : request.topics()) {
            if (allowance.admits(newPartitions(topic))) {
                admitted.add(topic);
            } else {
                answers.add(new CreatePartitionsResponse.Result(
                        topic.name(), ErrorCode.THROTTLING_QUOTA_EXCEEDED, MutationAllowance.REFUSAL));
            }
        }
        context.connection().mute(allowance.pauseMs());
        return grow(new CreatePartitionsRequest(admitted, request.timeoutMs(), false), true)
                .thenApply(response -> {
                    answers.addAll(response.results());
                    return new CreatePartitionsResponse(allowance.throttleTimeMs(), answers);
                });
    }

    private int newPartitions(CreatePartitionsRequest.Topic wanted) {
        return cluster.image()
                .topic(wanted.name())
                .map(topic -> wanted.count() - topic.partitionCount())
                .orElse(0);
    }

    private CompletableFuture<CreatePartitionsResponse> grow(CreatePartitionsRequest request, boolean mayForward) {
        if (request.topics().isEmpty()) {
            return CompletableFuture.completedFuture(new CreatePartitionsResponse(0, List.of()));
        }
        var call = new ControllerCall<CreatePartitionsResponse>(
                request, () -> growHere(request), TopicHandlers::isElsewhere, request.timeoutMs());
        return route.call(call, mayForward)
                .thenCompose(response -> request.validateOnly()
                        ? CompletableFuture.completedFuture(response)
                        : cluster.await(image -> knows(image, request, response), KNOWN_TIMEOUT_MS)
                                .thenApply(known -> response));
    }

    private static boolean isElsewhere(CreatePartitionsResponse response) {
        return !response.results().isEmpty()
                && response.results().stream().allMatch(topic -> topic.errorCode() == ErrorCode.NOT_CONTROLLER);
    }

    private static boolean knows(
            ClusterImage image, CreatePartitionsRequest request, CreatePartitionsResponse response) {
        boolean isGrown = response.results().stream()
                .noneMatch(result -> result.errorCode().isError());
        return !isGrown
                || request.topics().stream().allMatch(wanted -> image.topic(wanted.name())
                        .filter(topic -> topic.partitionCount() >= wanted.count())
                        .isPresent());
    }

    private CompletableFuture<CreatePartitionsResponse> growHere(CreatePartitionsRequest request) {
        List<CompletableFuture<CreatePartitionsResponse.Result>> results =
                request.topics().stream().map(topic -> grow(request, topic)).toList();
        return Futures.all(results).thenApply(all -> new CreatePartitionsResponse(0, all));
    }

    private CompletableFuture<CreatePartitionsResponse.Result> grow(
            CreatePartitionsRequest request, CreatePartitionsRequest.Topic wanted) {
        String name = wanted.name();
        boolean isNamedOnce = request.topics().stream()
                        .filter(other -> other.name().equals(name))
                        .count()
                == 1;
        if (!isNamedOnce) {
            return refused(name, "The request names topic " + name + " more than once");
        }
        if (TopicNames.isInternal(name)) {
            return refused(
                    name,
                    "Topic " + name + " belongs to the brokers, which find what is in it by its number of partitions;"
                            + " that number can only be configured before the topic exists");
        }
        var assignments = Optional.ofNullable(wanted.assignments())
                .map(all -> all.stream().map(Assignment::brokerIds).toList());
        return controller
                .addPartitions(new MorePartitions(name, wanted.count(), assignments, request.validateOnly()))
                .thenApply(result -> new CreatePartitionsResponse.Result(
                        name, result.errorCode(), result.message().isEmpty() ? null : result.message()));
    }

    private static CompletableFuture<CreatePartitionsResponse.Result> refused(String name, String why) {
        return CompletableFuture.completedFuture(
                new CreatePartitionsResponse.Result(name, ErrorCode.INVALID_REQUEST, why));
    }
}
