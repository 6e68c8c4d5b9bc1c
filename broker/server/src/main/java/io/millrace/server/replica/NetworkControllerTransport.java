package io.millrace.server.replica;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.message.AlterPartitionRequest;
import io.millrace.protocol.message.AlterPartitionResponse;
import io.millrace.protocol.message.BrokerHeartbeatRequest;
import io.millrace.protocol.message.BrokerHeartbeatResponse;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.LostReplica;
import io.millrace.replication.controller.BrokerHeartbeat;
import io.millrace.replication.controller.ControllerTransport;
import io.millrace.replication.controller.HeartbeatResult;
import io.millrace.replication.controller.NobodyListensException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntConsumer;

/** Speaks to a controller on another broker over a connection. Thread-safe. */
public final class NetworkControllerTransport implements ControllerTransport {
    private final BrokerConnections connections;
    private final Duration heartbeatTimeout;

    /** @param heartbeatTimeout a controller that has not answered a heartbeat for so long is not reached */
    public NetworkControllerTransport(BrokerConnections connections, Duration heartbeatTimeout) {
        this.connections = connections;
        this.heartbeatTimeout = heartbeatTimeout;
    }

    /** Calls back with the broker's id whenever a connection that was open ends. */
    public void onConnectionLost(IntConsumer callback) {
        connections.onLost(callback);
    }

    @Override
    public CompletableFuture<HeartbeatResult> heartbeat(int controllerId, BrokerHeartbeat heartbeat) {
        var request = new BrokerHeartbeatRequest(
                heartbeat.brokerId(),
                heartbeat.brokerEpoch(),
                heartbeat.wantsShutdown(),
                heartbeat.disownsLeadership(),
                heartbeat.lostReplicas().stream()
                        .map(NetworkControllerTransport::lostReplica)
                        .toList());
        return connections
                .to(controllerId)
                .thenCompose(connection -> connection.<BrokerHeartbeatResponse>send(request, heartbeatTimeout))
                .thenApply(response -> new HeartbeatResult(
                        response.errorCode(),
                        response.fenced(),
                        response.shouldShutdown(),
                        Set.copyOf(response.fencedBrokers())))
                .exceptionally(failure -> {
                    throw explained(controllerId, failure);
                });
    }

    private static BrokerHeartbeatRequest.LostReplica lostReplica(LostReplica lost) {
        return new BrokerHeartbeatRequest.LostReplica(
                lost.partition().topicId(), lost.partition().partition(), lost.partitionEpoch());
    }

    /** A refused connection in the words of the controller's rules, which know no sockets. */
    private static CompletionException explained(int controllerId, Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof ConnectException)) {
            cause = cause.getCause();
        }
        return new CompletionException(
                cause == null
                        ? failure
                        : new NobodyListensException(
                                "controller " + controllerId + " refused the connection", failure));
    }

    @Override
    public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(
            int controllerId, InSyncReplicasChange change) {
        return connections
                .to(controllerId)
                .thenCompose(connection -> connection.<AlterPartitionResponse>send(request(change)))
                .thenApply(NetworkControllerTransport::result);
    }

    private static AlterPartitionRequest request(InSyncReplicasChange change) {
        var replicas = change.inSyncReplicas().stream()
                .map(replica -> new AlterPartitionRequest.BrokerState(replica.brokerId(), replica.brokerEpoch()))
                .toList();
        var partition = new AlterPartitionRequest.Partition(
                change.partition().partition(), change.leaderEpoch(), change.partitionEpoch(), replicas);
        var topic = new AlterPartitionRequest.Topic(change.partition().topicId(), List.of(partition));
        return new AlterPartitionRequest(change.brokerId(), change.brokerEpoch(), List.of(topic));
    }

    private static InSyncReplicasChangeResult result(AlterPartitionResponse response) {
        if (response.errorCode().isError() || response.topics().isEmpty()) {
            return InSyncReplicasChangeResult.refused(response.errorCode());
        }
        AlterPartitionResponse.Partition partition =
                response.topics().get(0).partitions().get(0);
        boolean hasState = partition.partitionEpoch() >= 0;
        return new InSyncReplicasChangeResult(
                partition.errorCode(), hasState ? Optional.of(state(partition)) : Optional.empty());
    }

    private static PartitionState state(AlterPartitionResponse.Partition partition) {
        return new PartitionState(
                partition.leaderId(),
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                partition.inSyncReplicas(),
                List.of());
    }
}
