package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.Replicas;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads records of many partitions for a consumer, and waits for them where there are none.
 *
 * <p>There are no fetch sessions: a client that asks for one gets session id 0 and goes on with full requests (KIP-227). Errors of the whole
 * request: INVALID_REQUEST for a follower of Kafka, FETCH_SESSION_ID_NOT_FOUND; of a partition: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
 * NOT_LEADER_OR_FOLLOWER, and those of {@link io.millrace.replication.Partition#read}.
 */
final class FetchHandler implements RequestHandler<FetchRequest> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;

    private final ClusterView cluster;
    private final Replicas replicas;
    private final int fetchBytesMax;

    FetchHandler(ClusterView cluster, Replicas replicas, int fetchBytesMax) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.fetchBytesMax = fetchBytesMax;
    }

    @Override
    public CompletableFuture<FetchResponse> handle(RequestContext context, FetchRequest request) {
        if (request.replicaId() >= 0 || request.replicaState().replicaId() >= 0) {
            return refused(ErrorCode.INVALID_REQUEST); // brokers of Millrace use an API of their own
        }
        if (request.sessionId() != 0) {
            return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        int bytesMax = Math.min(request.maxBytes(), fetchBytesMax);
        var fetch = new PendingFetch(request, targets(request, byId), bytesMax, cluster);
        return fetch.start(context.connection());
    }

    private static CompletableFuture<FetchResponse> refused(ErrorCode error) {
        return CompletableFuture.completedFuture(new FetchResponse(0, error, 0, List.of(), List.of()));
    }

    private List<FetchTarget> targets(FetchRequest request, boolean byId) {
        ClusterImage image = cluster.image();
        var targets = new ArrayList<FetchTarget>();
        for (int i = 0; i < request.topics().size(); i++) {
            FetchRequest.Topic topic = request.topics().get(i);
            Optional<TopicImage> known = byId ? image.topic(topic.topicId()) : image.topic(topic.topic());
            for (FetchRequest.Partition asked : topic.partitions()) {
                targets.add(known.map(found -> target(found, asked))
                        .orElseGet(() -> FetchTarget.refused(
                                asked, byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)));
            }
        }
        return targets;
    }

    private FetchTarget target(TopicImage topic, FetchRequest.Partition asked) {
        if (topic.partition(asked.partition()).isEmpty()) {
            return FetchTarget.refused(asked, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        var key = new PartitionKey(topic.topicId(), asked.partition());
        return new FetchTarget(asked, key, replicas.partition(key).orElse(null), ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
}
