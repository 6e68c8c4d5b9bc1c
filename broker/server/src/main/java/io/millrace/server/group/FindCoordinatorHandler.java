package io.millrace.server.group;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.FindCoordinatorResponse.Coordinator;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import io.millrace.server.request.TopicAdministration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells which broker coordinates a group; has the topic of offsets created when it is asked for the first time.
 *
 * <p>Errors: COORDINATOR_NOT_AVAILABLE while the topic is being created or has no leader, INVALID_REQUEST for coordinators of transactions and share
 * groups, since there are none yet.
 */
final class FindCoordinatorHandler implements RequestHandler<FindCoordinatorRequest> {
    private static final int CREATION_TIMEOUT_MS = 5_000;

    /**
     * How the topic is created.
     *
     * @param partitions {@code offsets.topic.num.partitions}
     * @param replicationFactor {@code offsets.topic.replication.factor}; fewer replicas where there are fewer brokers
     */
    record OffsetsTopic(int partitions, int replicationFactor) {}

    /** Only sealed segments are compacted; small ones keep the time short that a new coordinator needs to read it all. */
    private static final String OFFSETS_SEGMENT_BYTES = String.valueOf(16 * 1024 * 1024);

    private final ClusterView cluster;
    private final TopicAdministration administration;
    private final OffsetsTopic offsetsTopic;

    FindCoordinatorHandler(ClusterView cluster, TopicAdministration administration, OffsetsTopic offsetsTopic) {
        this.cluster = cluster;
        this.administration = administration;
        this.offsetsTopic = offsetsTopic;
    }

    @Override
    public CompletableFuture<FindCoordinatorResponse> handle(RequestContext context, FindCoordinatorRequest request) {
        if (request.keyType() != FindCoordinatorRequest.GROUP) {
            return CompletableFuture.completedFuture(
                    FindCoordinatorResponse.to(request, key -> unsupported(request.keyType(), key)));
        }
        if (cluster.image().topic(GroupCoordinators.OFFSETS_TOPIC).isPresent()) {
            return CompletableFuture.completedFuture(answer(request));
        }
        return administration.create(creation(), true).thenApply(created -> answer(request));
    }

    private static Coordinator unsupported(byte keyType, String key) {
        String why = keyType == FindCoordinatorRequest.TRANSACTION
                ? "Transactions are not served yet, so transactional.id=" + key
                        + " has no coordinator; leave out transactional.id"
                : "A key of type " + keyType + " has no coordinator here; only consumer groups, type "
                        + FindCoordinatorRequest.GROUP + ", have one";
        return new Coordinator(key, -1, "", -1, ErrorCode.INVALID_REQUEST, why);
    }

    private CreateTopicsRequest creation() {
        int replicas = Math.max(
                1,
                Math.min(
                        offsetsTopic.replicationFactor(),
                        cluster.image().brokers().size()));
        var configs = List.of(
                new CreateTopicsRequest.Config("cleanup.policy", "compact"),
                new CreateTopicsRequest.Config("segment.bytes", OFFSETS_SEGMENT_BYTES));
        var topic = new CreateTopicsRequest.Topic(
                GroupCoordinators.OFFSETS_TOPIC, offsetsTopic.partitions(), (short) replicas, List.of(), configs);
        return new CreateTopicsRequest(List.of(topic), CREATION_TIMEOUT_MS, false);
    }

    private FindCoordinatorResponse answer(FindCoordinatorRequest request) {
        ClusterImage image = cluster.image();
        return FindCoordinatorResponse.to(request, groupId -> find(image, groupId));
    }

    private static Coordinator find(ClusterImage image, String groupId) {
        Optional<TopicImage> topic = image.topic(GroupCoordinators.OFFSETS_TOPIC);
        Optional<BrokerRegistration> leader = topic.flatMap(
                        found -> found.partition(GroupCoordinators.partitionOf(groupId, found)))
                .filter(PartitionState::hasLeader)
                .map(state -> image.brokers().get(state.leaderId()));
        return leader.map(broker -> Coordinator.at(groupId, broker.brokerId(), broker.host(), broker.port()))
                .orElseGet(() -> Coordinator.error(groupId, ErrorCode.COORDINATOR_NOT_AVAILABLE));
    }
}
