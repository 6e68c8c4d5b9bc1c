package io.millrace.server.coordinator;

import io.millrace.metadata.ClusterImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.FindCoordinatorResponse.Coordinator;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import io.millrace.server.request.TopicAdministration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Tells which broker coordinates a group or a transactional id; has the topic of coordinators created when it is asked for the first time.
 *
 * <p>Errors: COORDINATOR_NOT_AVAILABLE while the topic is being created or has no leader, INVALID_REQUEST for coordinators of share groups, since there
 * are none yet.
 */
public final class FindCoordinatorHandler implements RequestHandler<FindCoordinatorRequest> {
    private final ClusterView cluster;
    private final TopicAdministration administration;
    private final Map<Byte, CoordinatorTopic> topics;

    /** @param topics by the type of the key */
    public FindCoordinatorHandler(
            ClusterView cluster, TopicAdministration administration, Map<Byte, CoordinatorTopic> topics) {
        this.cluster = cluster;
        this.administration = administration;
        this.topics = Map.copyOf(topics);
    }

    @Override
    public CompletableFuture<FindCoordinatorResponse> handle(RequestContext context, FindCoordinatorRequest request) {
        CoordinatorTopic topic = topics.get(request.keyType());
        if (topic == null) {
            return CompletableFuture.completedFuture(
                    FindCoordinatorResponse.to(request, key -> unsupported(request.keyType(), key)));
        }
        return topic.ensure(cluster, administration).thenApply(found -> {
            ClusterImage image = cluster.image();
            return FindCoordinatorResponse.to(request, key -> find(topic, image, key));
        });
    }

    private static Coordinator unsupported(byte keyType, String key) {
        String why = "A key of type " + keyType + " has no coordinator here; only consumer groups, type "
                + FindCoordinatorRequest.GROUP + ", and transactional ids, type " + FindCoordinatorRequest.TRANSACTION
                + ", have one";
        return new Coordinator(key, -1, "", -1, ErrorCode.INVALID_REQUEST, why);
    }

    private static Coordinator find(CoordinatorTopic topic, ClusterImage image, String key) {
        return topic.coordinatorOf(key, image)
                .map(broker -> Coordinator.at(key, broker.brokerId(), broker.host(), broker.port()))
                .orElseGet(() -> Coordinator.error(key, ErrorCode.COORDINATOR_NOT_AVAILABLE));
    }
}
