package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.replication.Isolation;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.Replicas;
import io.millrace.server.network.ServerConnection;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.quota.QuotaKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of many partitions for a consumer, and waits for them where there are none.
 *
 * <p>Errors of the whole request: INVALID_REQUEST for a follower of Kafka, FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH,
 * FETCH_SESSION_TOPIC_ID_ERROR; of a partition: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, NOT_LEADER_OR_FOLLOWER, and those of
 * {@link io.millrace.replication.Partition#read}.
 */
final class FetchHandler implements RequestHandler<FetchRequest> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final int NO_SESSION = 0;

    private final ClusterView cluster;
    private final Replicas replicas;
    private final int fetchBytesMax;
    private final ClientQuotas quotas;
    private final FetchSessions sessions = new FetchSessions();

    FetchHandler(ClusterView cluster, Replicas replicas, int fetchBytesMax, ClientQuotas quotas) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.fetchBytesMax = fetchBytesMax;
        this.quotas = quotas;
    }

    @Override
    public CompletableFuture<FetchResponse> handle(RequestContext context, FetchRequest request) {
        CompletableFuture<FetchResponse> answer = FetchesWithoutZstd.concern(context.apiVersion())
                ? answer(context, request).thenApply(FetchesWithoutZstd::checked)
                : answer(context, request);
        return quotas.areSet(QuotaKey.CONSUMER_BYTE_RATE)
                ? answer.thenApply(response -> throttled(context, response))
                : answer;
    }

    /** The request is served; the client must pause after it if it has read too much. */
    private FetchResponse throttled(RequestContext context, FetchResponse response) {
        long bytes = response.responses().stream()
                .flatMap(topic -> topic.partitions().stream())
                .mapToLong(PendingFetch::size)
                .sum();
        int throttleMs = quotas.record(QuotaKey.CONSUMER_BYTE_RATE, context.clientId(), bytes);
        context.connection().mute(throttleMs);
        return new FetchResponse(
                throttleMs, response.errorCode(), response.sessionId(), response.responses(), response.nodeEndpoints());
    }

    private CompletableFuture<FetchResponse> answer(RequestContext context, FetchRequest request) {
        if (request.replicaId() >= 0 || request.replicaState().replicaId() >= 0) {
            return refused(ErrorCode.INVALID_REQUEST); // brokers of Millrace use an API of their own
        }
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        ServerConnection connection = context.connection();
        if (request.sessionEpoch() == FetchSession.NO_SESSION_EPOCH) {
            if (request.sessionId() != NO_SESSION) {
                sessions.close(connection);
            }
            return fetch(connection, request, byId, null, false);
        }
        if (request.sessionEpoch() == FetchSession.OPENING_EPOCH) {
            FetchSession opened = sessions.open(connection, request, byId).orElse(null);
            return fetch(connection, request, byId, opened, false);
        }
        return goOn(connection, request, byId);
    }

    private static CompletableFuture<FetchResponse> refused(ErrorCode error) {
        return CompletableFuture.completedFuture(new FetchResponse(0, error, NO_SESSION, List.of(), List.of()));
    }

    private CompletableFuture<FetchResponse> goOn(ServerConnection connection, FetchRequest request, boolean byId) {
        Optional<FetchSession> session = sessions.find(connection, request.sessionId());
        if (session.isEmpty()) {
            return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (session.get().namesTopicsById() != byId) {
            return refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if (!session.get().advance(request.sessionEpoch())) {
            return refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH);
        }
        session.get().update(request);
        return fetch(connection, request, byId, session.get(), true);
    }

    private CompletableFuture<FetchResponse> fetch(
            ServerConnection connection,
            FetchRequest request,
            boolean byId,
            @Nullable FetchSession session,
            boolean isIncremental) {
        var targets = new Targets(cluster.image(), byId, Isolation.of(request.isolationLevel()));
        if (isIncremental && session != null) {
            session.forEach(targets::add);
        } else {
            request.topics().forEach(topic -> topic.partitions()
                    .forEach(asked -> targets.add(topic.topic(), topic.topicId(), asked)));
        }
        int bytesMax = Math.min(request.maxBytes(), fetchBytesMax);
        var limits = new PendingFetch.Limits(request.minBytes(), bytesMax, request.maxWaitMs());
        return new PendingFetch(limits, targets.found, cluster, new PendingFetch.Session(session, isIncremental))
                .start(connection);
    }

    /** Finds the replicas of what is asked for; topics usually come together. */
    private final class Targets {
        private final ClusterImage image;
        private final boolean byId;
        private final Isolation isolation;
        private final List<FetchTarget> found = new ArrayList<>();

        Targets(ClusterImage image, boolean byId, Isolation isolation) {
            this.image = image;
            this.byId = byId;
            this.isolation = isolation;
        }

        void add(String topic, UUID topicId, FetchRequest.Partition asked) {
            Optional<TopicImage> known = byId ? image.topic(topicId) : image.topic(topic);
            PartitionKey key = known.map(image -> new PartitionKey(image.topicId(), asked.partition()))
                    .orElse(null);
            Partition replica = key == null ? null : replicas.partition(key).orElse(null);
            found.add(new FetchTarget(topic, topicId, asked, key, replica, refusal(known, asked), isolation));
        }

        private ErrorCode refusal(Optional<TopicImage> known, FetchRequest.Partition asked) {
            if (known.isEmpty()) {
                return byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            }
            return known.get().partition(asked.partition()).isEmpty()
                    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                    : ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
    }
}
