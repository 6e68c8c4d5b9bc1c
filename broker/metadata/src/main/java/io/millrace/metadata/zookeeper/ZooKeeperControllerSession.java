package io.millrace.metadata.zookeeper;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.FencedException;
import io.millrace.metadata.MetadataChange;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.SupersededRegistrationException;
import io.millrace.metadata.zookeeper.ChangePlan.Write;
import io.millrace.metadata.zookeeper.ClusterMirror.Snapshot;
import io.millrace.metadata.zookeeper.ZooKeeperElection.Won;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * A controller's pen. One write is under way at a time; what follows is planned on what it leaves behind.
 *
 * <p>Owned by the store's thread; may be called from any.
 */
final class ZooKeeperControllerSession implements ControllerSession {
    /** After so many looks, a pause apart, a write with no known outcome is given up. */
    private static final int LOOKS_MAX = 100;
    /** Once the session is over: whoever waits for the outcome could ask the next controller meanwhile. */
    private static final int LOOKS_AFTER_LOSS_MAX = 10;

    private final ZooKeeperConnection connection;
    private final Paths paths;
    private final Won won;
    private final Executor executor;
    private final LongSupplier operationIds;
    private final Pauses pauses;
    private final Supplier<CompletableFuture<Snapshot>> reading;

    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    private @Nullable Snapshot tree;
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private int looksAfterLoss;

    ZooKeeperControllerSession(Access access, Won won, Supplier<CompletableFuture<Snapshot>> reading) {
        this.connection = access.connection();
        this.paths = access.paths();
        this.executor = access.executor();
        this.operationIds = access.operationIds();
        this.pauses = access.pauses();
        this.won = won;
        this.reading = reading;
    }

    /** What a session needs of its store. */
    record Access(
            ZooKeeperConnection connection, Paths paths, Executor executor, LongSupplier operationIds, Pauses pauses) {}

    @Override
    public int controllerEpoch() {
        return won.controllerEpoch();
    }

    @Override
    public CompletableFuture<Void> lost() {
        return lost;
    }

    /** The session that holds {@code /controller} is over. */
    void onSessionLost() {
        tree = null;
        lost.complete(null);
    }

    @Override
    public CompletableFuture<ClusterImage> load() {
        return inOrder(() -> connection
                .sync(paths.root())
                .thenCompose(synced -> reading.get())
                .thenApply(read -> {
                    tree = read;
                    return read.image();
                }));
    }

    @Override
    public CompletableFuture<Void> commit(List<MetadataChange> changes, Collection<BrokerRegistration> trusted) {
        return inOrder(() -> changes.isEmpty() ? CompletableFuture.completedFuture(null) : write(changes, trusted));
    }

    private <T> CompletableFuture<T> inOrder(Supplier<CompletableFuture<T>> step) {
        var done = new CompletableFuture<T>();
        executor.execute(() -> {
            var started = last.handle((result, failure) -> null).thenCompose(before -> guarded(step));
            last = started;
            started.whenComplete((result, failure) -> {
                if (failure == null) {
                    done.complete(result);
                } else {
                    done.completeExceptionally(ZooKeeperFailure.unwrapped(failure));
                }
            });
        });
        return done;
    }

    private static <T> CompletableFuture<T> guarded(Supplier<CompletableFuture<T>> step) {
        try {
            return step.get();
        } catch (MetadataException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private CompletableFuture<Void> write(List<MetadataChange> changes, Collection<BrokerRegistration> trusted) {
        var before = tree;
        if (lost.isDone()) {
            throw fencedBySession();
        }
        if (before == null) {
            throw new FencedException("controller epoch " + won.controllerEpoch()
                    + " has not loaded the metadata, or may no longer write; load it before the next commit");
        }
        var plan = new ChangePlan(paths, connection.newZnodes(), before, won, operationIds, trusted);
        changes.forEach(plan::add);
        var writes = plan.writes();
        // Until all is written nothing is known for sure: a failure in between leaves the session without a picture.
        tree = null;
        CompletableFuture<Void> first =
                write(writes.get(0), 1).whenComplete((done, failure) -> restoreIfWithoutEffect(before, failure));
        CompletableFuture<Void> written = first;
        for (Write write : writes.subList(1, writes.size())) {
            written = written.thenCompose(before2 -> later(write));
        }
        return written.thenRun(() -> tree = lost.isDone() ? null : plan.after());
    }

    private FencedException fencedBySession() {
        return new FencedException(
                "controller epoch " + won.controllerEpoch() + " writes no more: its session with ZooKeeper has ended");
    }

    private void restoreIfWithoutEffect(Snapshot before, @Nullable Throwable failure) {
        if (failure != null && ZooKeeperFailure.unwrapped(failure) instanceof SupersededRegistrationException) {
            tree = before;
        }
    }

    /** A refusal has not been without effect any more. */
    private CompletableFuture<Void> later(Write write) {
        return write(write, 1)
                .handle((done, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.<Void>completedFuture(null);
                    }
                    boolean isSuperseded =
                            ZooKeeperFailure.unwrapped(failure) instanceof SupersededRegistrationException;
                    return CompletableFuture.<Void>failedFuture(isSuperseded ? fenced(write, failure) : failure);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<Void> write(Write write, int look) {
        if (lost.isDone()) {
            return CompletableFuture.failedFuture(fencedBySession());
        }
        return connection
                .multi("write as controller to", write.operations())
                .handle((results, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.<Void>completedFuture(null);
                    }
                    return ZooKeeperFailure.isUnanswered(failure)
                            ? settle(write, look)
                            : CompletableFuture.<Void>failedFuture(refused(write, failure));
                })
                .thenCompose(next -> next);
    }

    private MetadataException refused(Write write, Throwable failure) {
        return write.supersededAt(ZooKeeperFailure.failedOperation(failure))
                .<MetadataException>map(broker -> new SupersededRegistrationException("broker " + broker.brokerId()
                        + " has registered again since its registration of epoch " + broker.brokerEpoch()))
                .orElseGet(() -> fenced(write, failure));
    }

    private FencedException fenced(Write write, Throwable failure) {
        return new FencedException("controller epoch " + won.controllerEpoch() + " could not write "
                + write.markerPath() + " and others: somebody else has (" + failure.getMessage() + ")");
    }

    /**
     * The answer was lost. The stamp in the tree tells whether the write happened; if it did not, it is sent again as it was, unless the session
     * has ended meanwhile.
     */
    private CompletableFuture<Void> settle(Write write, int look) {
        if (lost.isDone() && ++looksAfterLoss > LOOKS_AFTER_LOSS_MAX) {
            return CompletableFuture.failedFuture(fencedBySession());
        }
        if (look >= LOOKS_MAX) {
            return CompletableFuture.failedFuture(new FencedException("the outcome of a write by controller epoch "
                    + won.controllerEpoch() + " is unknown after " + look + " looks at " + write.markerPath()));
        }
        return pauses.pause()
                .thenCompose(rested -> connection.sync(paths.root()))
                .thenCompose(synced -> connection.get(write.markerPath()))
                .handle((node, failure) -> {
                    if (failure != null) {
                        return ZooKeeperFailure.isUnanswered(failure)
                                ? settle(write, look + 1)
                                : CompletableFuture.<Void>failedFuture(fenced(write, failure));
                    }
                    return onMarker(write, node, look);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<Void> onMarker(Write write, Node node, int look) {
        if (BucketCodec.decode(write.markerPath(), node.data()).stamp().equals(write.stamp())) {
            return CompletableFuture.completedFuture(null);
        }
        return node.version() == write.markerVersion()
                ? write(write, look + 1)
                : CompletableFuture.failedFuture(new FencedException("controller epoch " + won.controllerEpoch()
                        + " expected version " + write.markerVersion() + " of " + write.markerPath() + " but found "
                        + node.version()));
    }

    @Override
    public CompletableFuture<Void> resign() {
        return inOrder(() -> {
            tree = null;
            return connection
                    .multi(
                            "resign as controller at",
                            List.of(
                                    Op.check(paths.controllerEpoch(), won.epochVersion()),
                                    Op.delete(paths.controller(), -1)))
                    .handle((results, failure) -> {
                        boolean gone = failure == null
                                || ZooKeeperFailure.is(failure, Code.BADVERSION)
                                || ZooKeeperFailure.is(failure, Code.NONODE);
                        return gone
                                ? CompletableFuture.<Void>completedFuture(null)
                                : CompletableFuture.<Void>failedFuture(failure);
                    })
                    .thenCompose(next -> next);
        });
    }
}
