package io.millrace.server.request;

import io.millrace.protocol.message.BrokerHeartbeatRequest;
import io.millrace.protocol.message.BrokerHeartbeatResponse;
import io.millrace.replication.LostReplica;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.controller.BrokerHeartbeat;
import io.millrace.replication.controller.Controller;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Passes heartbeats on to the controller here, and tells it when a connection that carried some breaks. Errors are the controller's. */
final class BrokerHeartbeatHandler implements RequestHandler<BrokerHeartbeatRequest> {
    private final Controller controller;
    private final Set<Long> watchedConnections =
            ConcurrentHashMap.newKeySet(); // as many as there are brokers, or little more

    BrokerHeartbeatHandler(Controller controller) {
        this.controller = controller;
    }

    @Override
    public CompletableFuture<BrokerHeartbeatResponse> handle(RequestContext context, BrokerHeartbeatRequest request) {
        if (watchedConnections.add(context.connectionId())) {
            context.onClose(() -> {
                watchedConnections.remove(context.connectionId());
                controller.onConnectionLost(request.brokerId());
            });
        }
        return controller
                .heartbeat(new BrokerHeartbeat(
                        request.brokerId(),
                        request.brokerEpoch(),
                        request.wantShutdown(),
                        request.disownsLeadership(),
                        request.lostReplicas().stream()
                                .map(BrokerHeartbeatHandler::lostReplica)
                                .toList()))
                .thenApply(result -> new BrokerHeartbeatResponse(
                        result.errorCode(),
                        result.fenced(),
                        result.mayShutdown(),
                        List.copyOf(result.fencedBrokers())));
    }

    private static LostReplica lostReplica(BrokerHeartbeatRequest.LostReplica lost) {
        return new LostReplica(new PartitionKey(lost.topicId(), lost.partitionIndex()), lost.partitionEpoch());
    }
}
