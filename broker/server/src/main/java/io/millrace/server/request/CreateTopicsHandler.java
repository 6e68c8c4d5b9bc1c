package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Has the controller create topics and queues, and answers when this broker knows them.
 *
 * <p>Errors of a topic are the controller's; of all, REQUEST_TIMED_OUT and NOT_CONTROLLER.
 */
final class CreateTopicsHandler implements RequestHandler<CreateTopicsRequest> {
    private static final long KNOWN_TIMEOUT_MS = 5_000;

    private final ClusterView cluster;
    private final TopicAdministration administration;

    CreateTopicsHandler(ClusterView cluster, TopicAdministration administration) {
        this.cluster = cluster;
        this.administration = administration;
    }

    @Override
    public CompletableFuture<CreateTopicsResponse> handle(RequestContext context, CreateTopicsRequest request) {
        return administration
                .create(request, !Forwarding.isForwarded(context))
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
