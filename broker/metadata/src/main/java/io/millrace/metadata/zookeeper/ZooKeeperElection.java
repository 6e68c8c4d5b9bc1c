package io.millrace.metadata.zookeeper;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.zookeeper.ControllerCodec.Election;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to become controller: creates {@code /controller} and raises {@code /controller_epoch} in one step, expecting the version
 * that was read, so that of two attempts one fails. {@code /controller_epoch} is never deleted.
 */
final class ZooKeeperElection {
    /**
     * Who won: the epoch and the version of {@code /controller_epoch} that every write of the winner expects.
     *
     * @param sessionId of the session that holds {@code /controller}
     */
    record Won(int controllerEpoch, int epochVersion, long sessionId) {}

    private final ZooKeeperConnection connection;
    private final Paths paths;
    private final int brokerId;
    private final long operationId;
    private final Pauses pauses;

    ZooKeeperElection(ZooKeeperConnection connection, Paths paths, int brokerId, long operationId, Pauses pauses) {
        this.connection = connection;
        this.paths = paths;
        this.brokerId = brokerId;
        this.operationId = operationId;
        this.pauses = pauses;
    }

    CompletableFuture<Optional<Won>> run(int expectedEpoch, boolean usurp) {
        return connection
                .sync(paths.root())
                .thenCompose(synced -> connection.get(paths.controllerEpoch()))
                .thenCompose(epoch -> holder().thenCompose(holder -> {
                    var last = ControllerCodec.decode(paths.controllerEpoch(), epoch.data());
                    boolean isTaken = holder.isPresent() && !usurp && holderId(holder.get()) != brokerId;
                    if (isTaken || last.controllerEpoch() != expectedEpoch) {
                        return CompletableFuture.completedFuture(Optional.<Won>empty());
                    }
                    return attempt(epoch, expectedEpoch + 1, holder);
                }));
    }

    private CompletableFuture<Optional<Node>> holder() {
        return connection
                .get(paths.controller())
                .handle((node, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(Optional.of(node));
                    }
                    return ZooKeeperFailure.is(failure, Code.NONODE)
                            ? CompletableFuture.completedFuture(Optional.<Node>empty())
                            : CompletableFuture.<Optional<Node>>failedFuture(failure);
                })
                .thenCompose(next -> next);
    }

    private int holderId(Node node) {
        try {
            return ControllerCodec.decode(paths.controller(), node.data()).brokerId();
        } catch (MetadataException unreadable) {
            return ClusterImage.NO_CONTROLLER;
        }
    }

    private CompletableFuture<Optional<Won>> attempt(Node epoch, int newEpoch, Optional<Node> holder) {
        byte[] data = ControllerCodec.encode(new Election(brokerId, new WriteStamp(newEpoch, operationId)));
        var operations = new ArrayList<Op>();
        holder.ifPresent(node -> operations.add(Op.delete(paths.controller(), node.version())));
        operations.add(connection.newZnodes().ephemeral(paths.controller(), data));
        operations.add(Op.setData(paths.controllerEpoch(), data, epoch.version()));
        long sessionId = connection.sessionId();
        return connection
                .multi("be elected controller at", operations)
                .handle((results, failure) -> onAttempt(results, failure, newEpoch, sessionId))
                .thenCompose(next -> next);
    }

    private CompletableFuture<Optional<Won>> onAttempt(
            @Nullable List<OpResult> results, @Nullable Throwable failure, int newEpoch, long sessionId) {
        if (results != null) {
            var raised = (OpResult.SetDataResult) results.get(results.size() - 1);
            return CompletableFuture.completedFuture(
                    Optional.of(new Won(newEpoch, raised.getStat().getVersion(), sessionId)));
        }
        if (failure != null && ZooKeeperFailure.isUnanswered(failure)) {
            return pauses.pause().thenCompose(rested -> lookWhoWon(newEpoch, sessionId));
        }
        boolean lost = failure != null
                && (ZooKeeperFailure.is(failure, Code.NODEEXISTS)
                        || ZooKeeperFailure.is(failure, Code.BADVERSION)
                        || ZooKeeperFailure.is(failure, Code.NONODE));
        return lost
                ? CompletableFuture.completedFuture(Optional.empty())
                : CompletableFuture.failedFuture(
                        failure != null ? failure : new MetadataException("the election had no result"));
    }

    /** The answer was lost; the operation id in the znode tells whether the attempt had succeeded. */
    private CompletableFuture<Optional<Won>> lookWhoWon(int newEpoch, long sessionId) {
        return connection.get(paths.controllerEpoch()).thenApply(node -> {
            var last = ControllerCodec.decode(paths.controllerEpoch(), node.data());
            boolean isOurs = last.stamp().operationId() == operationId;
            return isOurs ? Optional.of(new Won(newEpoch, node.version(), sessionId)) : Optional.empty();
        });
    }
}
