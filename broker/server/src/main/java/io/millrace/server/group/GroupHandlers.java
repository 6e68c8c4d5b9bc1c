package io.millrace.server.group;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.coordinator.group.ClientIdentity;
import io.millrace.coordinator.group.Groups;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Takes the requests of members to the coordinator of their group, which makes all decisions.
 *
 * <p>Errors of all: NOT_COORDINATOR where another broker is, COORDINATOR_LOAD_IN_PROGRESS while it replays its log (but in the answers to
 * classic members' heartbeats and syncs), COORDINATOR_NOT_AVAILABLE where it cannot write; the others are those of {@link Groups}.
 */
public final class GroupHandlers {
    private static final System.Logger LOGGER = System.getLogger(GroupHandlers.class.getName());

    private final GroupCoordinators coordinators;

    public GroupHandlers(GroupCoordinators coordinators) {
        this.coordinators = coordinators;
    }

    /** Puts the APIs of groups into the table. */
    public void addTo(RequestHandlers table, ClusterView cluster) {
        table.add(ApiKey.JOIN_GROUP, JoinGroupRequest.class, this::join)
                .add(ApiKey.SYNC_GROUP, SyncGroupRequest.class, (context, request) -> sync(request))
                .add(ApiKey.HEARTBEAT, HeartbeatRequest.class, (context, request) -> heartbeat(request))
                .add(ApiKey.LEAVE_GROUP, LeaveGroupRequest.class, (context, request) -> leave(request))
                .add(ApiKey.CONSUMER_GROUP_HEARTBEAT, ConsumerGroupHeartbeatRequest.class, this::heartbeat)
                .add(ApiKey.OFFSET_COMMIT, OffsetCommitRequest.class, new OffsetCommitHandler(coordinators, cluster))
                .add(ApiKey.OFFSET_FETCH, OffsetFetchRequest.class, new OffsetFetchHandler(coordinators, cluster));
        new GroupAdministrationHandlers(coordinators, cluster).addTo(table);
    }

    /**
     * Puts the API into the table by which offsets become part of a transaction.
     *
     * @param gate lets them in
     */
    public void addTransactional(RequestHandlers table, ClusterView cluster, TransactionGate gate) {
        table.add(
                ApiKey.TXN_OFFSET_COMMIT,
                TxnOffsetCommitRequest.class,
                new TxnOffsetCommitHandler(coordinators, cluster, gate));
    }

    private static ClientIdentity identityOf(RequestContext context) {
        return new ClientIdentity(
                context.clientId(), String.valueOf(context.connection().remoteAddress()));
    }

    private CompletableFuture<JoinGroupResponse> join(RequestContext context, JoinGroupRequest request) {
        var client = identityOf(context);
        if (request.reason() != null && !request.reason().isEmpty()) {
            LOGGER.log(DEBUG, () -> client + " joins group " + request.groupId() + " because " + request.reason());
        }
        return coordinators
                .<CompletableFuture<JoinGroupResponse>>decide(
                        request.groupId(),
                        (groups, nowMs) -> groups.join(request, context.apiVersion(), client, nowMs),
                        error -> CompletableFuture.completedFuture(JoinGroupResponse.error(error, request.memberId())))
                .thenCompose(Function.identity());
    }

    private CompletableFuture<SyncGroupResponse> sync(SyncGroupRequest request) {
        return coordinators
                .<CompletableFuture<SyncGroupResponse>>decide(
                        request.groupId(),
                        (groups, nowMs) -> groups.sync(request, nowMs),
                        error -> CompletableFuture.completedFuture(syncRefused(error)))
                .thenCompose(Function.identity());
    }

    /** Kafka's consumers (3.9.2) expect no loading here and fail for good where they hear of it: this one joins again, which can wait for the end of the loading. */
    static SyncGroupResponse syncRefused(ErrorCode error) {
        return SyncGroupResponse.error(
                error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.REBALANCE_IN_PROGRESS : error);
    }

    private CompletableFuture<HeartbeatResponse> heartbeat(HeartbeatRequest request) {
        return coordinators.decide(
                request.groupId(),
                (groups, nowMs) -> groups.heartbeat(request, nowMs),
                GroupHandlers::heartbeatRefused);
    }

    /** As above: whether this one is a member will turn out at its next heartbeat, and its session begins anew meanwhile. */
    static HeartbeatResponse heartbeatRefused(ErrorCode error) {
        return new HeartbeatResponse(0, error == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ? ErrorCode.NONE : error);
    }

    private CompletableFuture<ConsumerGroupHeartbeatResponse> heartbeat(
            RequestContext context, ConsumerGroupHeartbeatRequest request) {
        return coordinators.decide(
                request.groupId(),
                (groups, nowMs) -> groups.heartbeat(request, identityOf(context), nowMs),
                error -> ConsumerGroupHeartbeatResponse.error(error, null));
    }

    private CompletableFuture<LeaveGroupResponse> leave(LeaveGroupRequest request) {
        return coordinators.decide(
                request.groupId(),
                (groups, nowMs) -> groups.leave(request, nowMs),
                error -> new LeaveGroupResponse(0, error, List.of()));
    }
}
