package io.millrace.metadata.zookeeper;

import io.millrace.metadata.zookeeper.ControllerCodec.Election;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/** Lays out the tree of a new cluster, in one step, so that nobody sees half of it. */
final class TreeLayout {
    private static final System.Logger LOGGER = System.getLogger(TreeLayout.class.getName());

    private final ZooKeeperConnection connection;
    private final Paths paths;

    TreeLayout(ZooKeeperConnection connection, Paths paths) {
        this.connection = connection;
        this.paths = paths;
    }

    /** Completes when the tree is there, whoever made it. */
    CompletableFuture<Void> ensure() {
        return connection
                .get(paths.cluster())
                .handle((node, failure) -> failure)
                .thenCompose(failure -> {
                    if (failure == null) {
                        // Older trees lack them.
                        return warnIfOpen()
                                .thenCompose(checked -> createIfMissing(paths.starts()))
                                .thenCompose(before -> createIfMissing(paths.settings()));
                    }
                    return ZooKeeperFailure.is(failure, Code.NONODE)
                            ? create()
                            : CompletableFuture.failedFuture(failure);
                });
    }

    /** What was made for everybody stays so: only the operator knows who else has come to rely on it. */
    private CompletableFuture<Void> warnIfOpen() {
        if (!connection.newZnodes().isRestricted()) {
            return CompletableFuture.completedFuture(null);
        }
        return connection.access(paths.cluster()).thenAccept(access -> {
            if (NewZnodes.isOpen(access)) {
                LOGGER.log(
                        Level.WARNING,
                        () -> "zookeeper.set.acl=true, but the cluster under " + paths.root()
                                + " was made without it: everybody"
                                + " who reaches ZooKeeper can change what is there; let the brokers' user run"
                                + " 'setAcl -R " + paths.root() + " auth::cdrwa' in ZooKeeper's shell");
            }
        });
    }

    private CompletableFuture<Void> create() {
        LOGGER.log(
                Level.INFO,
                () -> "There is no cluster under " + paths.root() + " in ZooKeeper; laying out the tree of a new one");
        CompletableFuture<Void> parents = CompletableFuture.completedFuture(null);
        for (int slash = paths.root().indexOf('/', 1);
                slash > 0;
                slash = paths.root().indexOf('/', slash + 1)) {
            String parent = paths.root().substring(0, slash);
            parents = parents.thenCompose(before -> createIfMissing(parent));
        }
        return parents.thenCompose(before -> createIfMissing(paths.root())).thenCompose(before -> createTree());
    }

    private CompletableFuture<Void> createIfMissing(String path) {
        return tolerateExisting(connection.multi("create", new ArrayList<>(List.of(persistent(path, new byte[0])))));
    }

    private CompletableFuture<Void> createTree() {
        var nothing = new WriteStamp(0, 0);
        var operations = new ArrayList<Op>();
        operations.add(persistent(paths.cluster(), UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8)));
        operations.add(persistent(paths.controllerEpoch(), ControllerCodec.encode(Election.NONE)));
        operations.add(persistent(paths.producerIds(), ProducerIds.encode(0)));
        operations.add(persistent(paths.brokers(), new byte[0]));
        operations.add(persistent(paths.starts(), new byte[0]));
        operations.add(persistent(paths.topics(), new byte[0]));
        operations.add(persistent(paths.settings(), new byte[0]));
        operations.add(persistent(paths.partitionStates(), new byte[0]));
        for (int bucket = 0; bucket < BucketCodec.BUCKETS; bucket++) {
            operations.add(persistent(paths.bucket(bucket), BucketCodec.encode(nothing, Map.of())));
        }
        return tolerateExisting(connection.multi("lay out", operations));
    }

    private Op persistent(String path, byte[] data) {
        return connection.newZnodes().persistent(path, data);
    }

    private static <T> CompletableFuture<Void> tolerateExisting(CompletableFuture<T> creation) {
        return creation.handle((done, failure) -> failure).thenCompose(failure -> {
            boolean isThere = failure == null || ZooKeeperFailure.is(failure, Code.NODEEXISTS);
            return isThere ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(failure);
        });
    }
}
