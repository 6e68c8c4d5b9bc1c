package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.MetadataException;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.Stat;

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
    private final BrokerRegistration wanted;
    private final Pauses pauses;
    private final int attemptsMax;

    /** @param attemptsMax how often to look, with a pause between, before giving up on the one who holds the broker id */
    ZooKeeperRegistration(
            ZooKeeperConnection connection, Paths paths, BrokerRegistration wanted, Pauses pauses, int attemptsMax) {
        this.connection = connection;
        this.path = paths.broker(wanted.brokerId());
        this.wanted = wanted;
        this.pauses = pauses;
        this.attemptsMax = attemptsMax;
    }

    CompletableFuture<BrokerRegistration> register() {
        return register(1);
    }

    private CompletableFuture<BrokerRegistration> register(int attempt) {
        return connection
                .createEphemeral(path, BrokerCodec.encode(wanted))
                .handle((stat, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(registered(stat));
                    }
                    return ZooKeeperFailure.is(failure, Code.NODEEXISTS)
                            ? lookAtHolder(attempt)
                            : CompletableFuture.<BrokerRegistration>failedFuture(failure);
                })
                .thenCompose(next -> next);
    }

    private BrokerRegistration registered(Stat stat) {
        return wanted.withBrokerEpoch(stat.getCzxid());
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
            return CompletableFuture.completedFuture(registered(node.stat()));
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
        return connection
                .delete(path, node.version())
                .handle((done, failure) -> {
                    boolean goOn = failure == null
                            || ZooKeeperFailure.is(failure, Code.NONODE)
                            || ZooKeeperFailure.is(failure, Code.BADVERSION);
                    return goOn && attempt < attemptsMax
                            ? register(attempt + 1)
                            : CompletableFuture.<BrokerRegistration>failedFuture(
                                    failure != null ? failure : new MetadataException(path + " cannot be replaced"));
                })
                .thenCompose(next -> next);
    }
}
