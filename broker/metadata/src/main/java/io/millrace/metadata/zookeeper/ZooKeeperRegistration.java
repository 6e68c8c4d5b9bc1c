package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.BrokerStart;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.jspecify.annotations.Nullable;

/**
 * Puts this broker's ephemeral znode into the tree and makes sure that it belongs to the present session: the one of an earlier session
 * is still there after a quick restart, and vanishes later.
 *
 * <p>A znode of this very process, or of one that listened on this broker's own address and so cannot live any more, is replaced.
 * Any other is waited for until its session must have expired.
 */
final class ZooKeeperRegistration {
    private static final System.Logger LOGGER = System.getLogger(ZooKeeperRegistration.class.getName());

    private final ZooKeeperConnection connection;
    private final String path;
    private final String startPath;
    private final BrokerRegistration wanted;
    private final LastShutdown lastShutdown;
    private final Pauses pauses;
    private final int attemptsMax;
    /** Decided before the first attempt: registering changes what it is decided by. */
    private @Nullable Boolean isUnclean;

    /** @param attemptsMax how often to look, with a pause between, before giving up on the one who holds the broker id */
    ZooKeeperRegistration(
            ZooKeeperConnection connection,
            Paths paths,
            BrokerRegistration wanted,
            LastShutdown lastShutdown,
            Pauses pauses,
            int attemptsMax) {
        this.connection = connection;
        this.path = paths.broker(wanted.brokerId());
        this.startPath = paths.start(wanted.brokerId());
        this.wanted = wanted;
        this.lastShutdown = lastShutdown;
        this.pauses = pauses;
        this.attemptsMax = attemptsMax;
    }

    CompletableFuture<BrokerRegistration> register() {
        return register(1);
    }

    private CompletableFuture<BrokerRegistration> register(int attempt) {
        return connection
                .get(startPath)
                .handle((node, failure) -> {
                    if (failure == null) {
                        return register(node, attempt);
                    }
                    return ZooKeeperFailure.is(failure, Code.NONODE) && attempt < attemptsMax
                            ? createStart().thenCompose(created -> register(attempt + 1))
                            : CompletableFuture.<BrokerRegistration>failedFuture(failure);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<Void> createStart() {
        var creation = connection.newZnodes().persistent(startPath, new byte[0]);
        return connection
                .multi("create", List.of(creation))
                .handle((done, failure) -> failure)
                .thenCompose(failure -> {
                    boolean isThere = failure == null || ZooKeeperFailure.is(failure, Code.NODEEXISTS);
                    return isThere ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(failure);
                });
    }

    private CompletableFuture<BrokerRegistration> register(Node start, int attempt) {
        return put(start, Optional.empty(), attempt);
    }

    /**
     * The start is numbered in the step that registers: whoever knows an older number is refused from then on. A registration that is replaced goes
     * in the same step, so that nobody sees this broker gone.
     */
    private CompletableFuture<BrokerRegistration> put(Node start, Optional<Node> replaced, int attempt) {
        if (isUnclean == null) {
            isUnclean = lastShutdown.isUnclean(latestEpoch(start));
        }
        var numbered = wanted.withStart(new BrokerStart(start.version() + 1, isUnclean));
        var operations = new ArrayList<Op>();
        operations.add(Op.setData(startPath, new byte[0], start.version()));
        replaced.ifPresent(node -> operations.add(Op.delete(path, node.version())));
        operations.add(connection.newZnodes().ephemeral(path, BrokerCodec.encode(numbered)));
        return connection
                .multi("register at", operations)
                .handle((results, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(registered(numbered, results));
                    }
                    boolean isOutdated =
                            ZooKeeperFailure.is(failure, Code.BADVERSION) || ZooKeeperFailure.is(failure, Code.NONODE);
                    if (isOutdated && attempt < attemptsMax) {
                        return register(attempt + 1);
                    }
                    return ZooKeeperFailure.is(failure, Code.NODEEXISTS)
                            ? lookAtHolder(attempt)
                            : CompletableFuture.<BrokerRegistration>failedFuture(failure);
                })
                .thenCompose(next -> next);
    }

    /** The transaction that numbered the latest start is the one that created its registration. */
    private static OptionalLong latestEpoch(Node start) {
        return start.version() == 0 ? OptionalLong.empty() : OptionalLong.of(start.modifiedBy());
    }

    private static BrokerRegistration registered(BrokerRegistration numbered, List<OpResult> results) {
        var raised = (OpResult.SetDataResult) results.get(0);
        return numbered.withBrokerEpoch(raised.getStat().getMzxid());
    }

    /** Takes the mark of an unclean start away, if the registration of this epoch bears it. */
    CompletableFuture<Void> settle(long brokerEpoch) {
        return connection.get(path).thenCompose(node -> {
            var present = BrokerCodec.decode(path, wanted.brokerId(), node.data(), node.createdBy());
            boolean isOurs = present.brokerEpoch() == brokerEpoch && node.owner() == connection.sessionId();
            if (!isOurs || !present.start().isUnclean()) {
                return CompletableFuture.completedFuture(null);
            }
            isUnclean = false;
            var settled = present.withStart(present.start().settled());
            return connection
                    .set(path, BrokerCodec.encode(settled), node.version())
                    .thenApply(stat -> null);
        });
    }

    private CompletableFuture<BrokerRegistration> lookAtHolder(int attempt) {
        return connection
                .get(path)
                .handle((node, failure) -> {
                    if (failure == null) {
                        return onHolder(node, attempt);
                    }
                    return ZooKeeperFailure.is(failure, Code.NONODE) && attempt < attemptsMax
                            ? register(attempt + 1)
                            : CompletableFuture.<BrokerRegistration>failedFuture(failure);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<BrokerRegistration> onHolder(Node node, int attempt) {
        var holder = BrokerCodec.decode(path, wanted.brokerId(), node.data(), node.createdBy());
        boolean isThisProcess = holder.incarnationId().equals(wanted.incarnationId());
        if (isThisProcess && node.owner() == connection.sessionId()) {
            return CompletableFuture.completedFuture(holder);
        }
        boolean isDead = holder.host().equals(wanted.host()) && holder.port() == wanted.port();
        if (isThisProcess || isDead) {
            return replace(node, attempt);
        }
        if (attempt >= attemptsMax) {
            return CompletableFuture.failedFuture(new MetadataException("broker.id " + wanted.brokerId()
                    + " is taken by the broker at " + holder.host() + ":" + holder.port()
                    + ", which is still registered; give this broker an id of its own, or stop the other one"));
        }
        if (attempt == 1) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Broker id " + wanted.brokerId() + " is still registered at " + holder.host() + ":"
                            + holder.port() + "; waiting for that session to expire");
        }
        return pauses.pause().thenCompose(rested -> register(attempt + 1));
    }

    private CompletableFuture<BrokerRegistration> replace(Node node, int attempt) {
        LOGGER.log(
                Level.INFO,
                () -> "Replacing the registration of broker " + wanted.brokerId()
                        + " that an earlier session left behind");
        return connection.get(startPath).thenCompose(start -> put(start, Optional.of(node), attempt));
    }
}
