package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.quota.MutationAllowance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Has the controller delete topics and queues, and answers when this broker knows that they are gone.
 *
 * <p>Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, THROTTLING_QUOTA_EXCEEDED from version 5 on, the controller's; of all,
 * REQUEST_TIMED_OUT and NOT_CONTROLLER.
 */
final class DeleteTopicsHandler implements RequestHandler<DeleteTopicsRequest> {
    private static final long KNOWN_TIMEOUT_MS = 5_000;
    private static final int FIRST_VERSION_WITH_REFUSAL = 5;
    private static final UUID NO_ID = new UUID(0, 0);

    private final ClusterView cluster;
    private final TopicAdministration administration;
    private final ClientQuotas quotas;

    DeleteTopicsHandler(ClusterView cluster, TopicAdministration administration, ClientQuotas quotas) {
        this.cluster = cluster;
        this.administration = administration;
        this.quotas = quotas;
    }

    @Override
    public CompletableFuture<DeleteTopicsResponse> handle(RequestContext context, DeleteTopicsRequest request) {
        if (Forwarding.isForwarded(context)) {
            return delete(request, false);
        }
        var allowance = quotas.mutations(context.clientId(), context.apiVersion() >= FIRST_VERSION_WITH_REFUSAL);
        ClusterImage image = cluster.image();
        var answers = new ArrayList<DeleteTopicsResponse.Topic>();
        var names = new ArrayList<String>();
        for (String name : request.topicNames()) {
            if (allowance.admits(partitions(image.topic(name)))) {
                names.add(name);
            } else {
                answers.add(refused(new DeleteTopicsRequest.Topic(name, NO_ID)));
            }
        }
        var topics = new ArrayList<DeleteTopicsRequest.Topic>();
        for (DeleteTopicsRequest.Topic topic : request.topics()) {
            String name = topic.name();
            Optional<TopicImage> known = name == null ? image.topic(topic.topicId()) : image.topic(name);
            if (allowance.admits(partitions(known))) {
                topics.add(topic);
            } else {
                answers.add(refused(topic));
            }
        }
        context.connection().mute(allowance.pauseMs());
        return delete(new DeleteTopicsRequest(topics, names, request.timeoutMs()), true)
                .thenApply(response -> {
                    answers.addAll(response.responses());
                    return new DeleteTopicsResponse(allowance.throttleTimeMs(), answers);
                });
    }

    private static int partitions(Optional<TopicImage> topic) {
        return topic.map(TopicImage::partitionCount).orElse(0);
    }

    private static DeleteTopicsResponse.Topic refused(DeleteTopicsRequest.Topic topic) {
        return new DeleteTopicsResponse.Topic(
                topic.name(), topic.topicId(), ErrorCode.THROTTLING_QUOTA_EXCEEDED, MutationAllowance.REFUSAL);
    }

    private CompletableFuture<DeleteTopicsResponse> delete(DeleteTopicsRequest request, boolean mayForward) {
        if (request.topicNames().isEmpty() && request.topics().isEmpty()) {
            return CompletableFuture.completedFuture(new DeleteTopicsResponse(0, List.of()));
        }
        return administration.delete(request, mayForward).thenCompose(response -> cluster.await(
                        image -> areGone(image, response.responses()), KNOWN_TIMEOUT_MS)
                .thenApply(known -> response));
    }

    private static boolean areGone(ClusterImage image, List<DeleteTopicsResponse.Topic> topics) {
        return topics.stream()
                .allMatch(topic -> topic.errorCode() != ErrorCode.NONE
                        || image.topic(topic.topicId()).isEmpty());
    }
}
