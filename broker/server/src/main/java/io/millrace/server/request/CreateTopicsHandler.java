package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.quota.MutationAllowance;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Has the controller create topics and queues, and answers when this broker knows them.
 *
 * <p>Errors of a topic: THROTTLING_QUOTA_EXCEEDED from version 6 on, and the controller's; of all, REQUEST_TIMED_OUT and NOT_CONTROLLER.
 */
final class CreateTopicsHandler implements RequestHandler<CreateTopicsRequest> {
    private static final long KNOWN_TIMEOUT_MS = 5_000;
    private static final int FIRST_VERSION_WITH_REFUSAL = 6;

    private final ClusterView cluster;
    private final TopicAdministration administration;
    private final ClientQuotas quotas;
    private final int partitionsByDefault;

    /** @param partitionsByDefault {@code num.partitions} */
    CreateTopicsHandler(
            ClusterView cluster, TopicAdministration administration, ClientQuotas quotas, int partitionsByDefault) {
        this.cluster = cluster;
        this.administration = administration;
        this.quotas = quotas;
        this.partitionsByDefault = partitionsByDefault;
    }

    @Override
    public CompletableFuture<CreateTopicsResponse> handle(RequestContext context, CreateTopicsRequest request) {
        if (Forwarding.isForwarded(context) || request.validateOnly()) {
            return create(request, !Forwarding.isForwarded(context));
        }
        var allowance = quotas.mutations(context.clientId(), context.apiVersion() >= FIRST_VERSION_WITH_REFUSAL);
        var admitted = new ArrayList<CreateTopicsRequest.Topic>();
        var answers = new ArrayList<CreateTopicsResponse.Topic>();
        for (CreateTopicsRequest.Topic topic : request.topics()) {
            if (allowance.admits(newPartitions(topic))) {
                admitted.add(topic);
            } else {
                answers.add(CreateTopicsResponse.Topic.error(
                        topic.name(), ErrorCode.THROTTLING_QUOTA_EXCEEDED, MutationAllowance.REFUSAL));
            }
        }
        context.connection().mute(allowance.pauseMs());
        var within = new CreateTopicsRequest(admitted, request.timeoutMs(), false);
        return create(within, true).thenApply(response -> {
            answers.addAll(response.topics());
            return new CreateTopicsResponse(allowance.throttleTimeMs(), answers);
        });
    }

    private int newPartitions(CreateTopicsRequest.Topic topic) {
        if (cluster.image().topic(topic.name()).isPresent()) {
            return 0;
        }
        if (!topic.assignments().isEmpty()) {
            return topic.assignments().size();
        }
        return topic.numPartitions() < 0 ? partitionsByDefault : topic.numPartitions();
    }

    private CompletableFuture<CreateTopicsResponse> create(CreateTopicsRequest request, boolean mayForward) {
        if (request.topics().isEmpty()) {
            return CompletableFuture.completedFuture(new CreateTopicsResponse(0, List.of()));
        }
        return administration
                .create(request, mayForward)
                .thenCompose(response -> request.validateOnly()
                        ? CompletableFuture.completedFuture(response)
                        : cluster.await(image -> knows(image, response.topics()), KNOWN_TIMEOUT_MS)
                                .thenApply(known -> response));
    }

    private static boolean knows(ClusterImage image, List<CreateTopicsResponse.Topic> topics) {
        return topics.stream()
                .allMatch(topic -> topic.errorCode() != ErrorCode.NONE
                        || image.topic(topic.name()).isPresent());
    }
}
