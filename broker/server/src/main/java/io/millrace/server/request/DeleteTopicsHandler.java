package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Has the controller delete topics and queues, and answers when this broker knows that they are gone.
 *
 * <p>Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, the controller's; of all, REQUEST_TIMED_OUT and NOT_CONTROLLER.
 */
final class DeleteTopicsHandler implements RequestHandler<DeleteTopicsRequest> {
    private static final long KNOWN_TIMEOUT_MS = 5_000;

    private final ClusterView cluster;
    private final TopicAdministration administration;

    DeleteTopicsHandler(ClusterView cluster, TopicAdministration administration) {
        this.cluster = cluster;
        this.administration = administration;
    }

    @Override
    public CompletableFuture<DeleteTopicsResponse> handle(RequestContext context, DeleteTopicsRequest request) {
        return administration.delete(request, !Forwarding.isForwarded(context)).thenCompose(response -> cluster.await(
                        image -> areGone(image, response.responses()), KNOWN_TIMEOUT_MS)
                .thenApply(known -> response));
    }

    private static boolean areGone(ClusterImage image, List<DeleteTopicsResponse.Topic> topics) {
        return topics.stream()
                .allMatch(topic -> topic.errorCode() != ErrorCode.NONE
                        || image.topic(topic.topicId()).isEmpty());
    }
}
