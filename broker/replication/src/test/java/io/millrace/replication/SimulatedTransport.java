package io.millrace.replication;

import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.millrace.replication.controller.BrokerHeartbeat;
import io.millrace.replication.controller.ControllerTransport;
import io.millrace.replication.controller.HeartbeatResult;
import io.millrace.storage.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;

/** How one broker of a simulation reaches the others: fetches in the order of their connection, all else in any order. */
record SimulatedTransport(int brokerId, SimulatedCluster cluster) implements ReplicaTransport, ControllerTransport {

    @Override
    public CompletableFuture<ReplicaFetchResult> fetch(int leaderId, ReplicaFetch fetch) {
        return cluster.network()
                .call(
                        brokerId,
                        leaderId,
                        "fetch",
                        () -> cluster.broker(leaderId)
                                .replicas()
                                .replicaFetch(fetch)
                                .thenApply(SimulatedTransport::read),
                        ReplicaFetchResult::release);
    }

    private static ReplicaFetchResult read(ReplicaFetchAnswer answer) {
        var logs = answer.logs().stream()
                .map(log -> new FetchedLog(
                        log.partition(),
                        log.kind(),
                        log.errorCode(),
                        log.highWatermark(),
                        log.logStartOffset(),
                        log.divergence(),
                        log.slice().map(SimulatedTransport::bytes).orElse(Unpooled.EMPTY_BUFFER)))
                .toList();
        answer.close();
        return new ReplicaFetchResult(answer.errorCode(), answer.sessionId(), logs);
    }

    private static ByteBuf bytes(LogSlice slice) {
        var unwatched = slice.toByteBuf(LogMatching.ALLOCATOR);
        var heap = Unpooled.copiedBuffer(unwatched);
        unwatched.release();
        return heap;
    }

    @Override
    public CompletableFuture<HeartbeatResult> heartbeat(int controllerId, BrokerHeartbeat heartbeat) {
        return cluster.network()
                .call(
                        brokerId,
                        controllerId,
                        "",
                        () -> cluster.broker(controllerId).controller().heartbeat(heartbeat),
                        dropped -> {});
    }

    @Override
    public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(
            int controllerId, InSyncReplicasChange change) {
        return cluster.network()
                .call(
                        brokerId,
                        controllerId,
                        "",
                        () -> cluster.broker(controllerId).controller().changeInSyncReplicas(change),
                        dropped -> {});
    }
}
