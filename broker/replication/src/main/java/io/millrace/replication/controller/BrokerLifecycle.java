package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.MetadataStore;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.InSyncReplicasChanger;
import io.millrace.replication.Loop;
import io.millrace.replication.ReplicaReport;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * This broker's standing with the controller: it registers, sends heartbeats, asks for shutdown, and has the local controller take
 * over when the one in force refuses connections.
 *
 * <p>Thread-safe; the state belongs to the loop, which should be the local controller's.
 *
 * <pre>
 * beat --answered--> pause of the heartbeat interval --> beat
 *   |  \--no answer, or not the controller--> short pause --> beat
 *   \--connection refused--> short pause --> beat; refused for long enough: usurp
 * </pre>
 */
public final class BrokerLifecycle implements InSyncReplicasChanger, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(BrokerLifecycle.class.getName());
    private static final long SHORT_PAUSE_MS = 50;
    private static final long NOT_REFUSED = -1;
    private static final long NOT_REGISTERED = -1;

    private final MetadataStore store;
    private final Controller localController;
    private final ControllerTransport transport;
    private final ControllerConfiguration configuration;
    private final Loop loop;
    private final ReplicaReport replicas;

    private volatile ClusterImage image = ClusterImage.EMPTY;

    // Owned by the loop.
    private Consumer<Set<Integer>> fencedListener = fenced -> {};
    private int brokerId = -1;
    private @Nullable UUID incarnationId;
    private long brokerEpoch = NOT_REGISTERED;
    private long refusedSinceMs = NOT_REFUSED;
    private int beatNumber;
    private boolean beating;
    private boolean beatAgain;
    private boolean wantsShutdown;
    private boolean closed;
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final CompletableFuture<Void> mayShutdown = new CompletableFuture<>();

    /** @param replicas what the heartbeats tell of this broker's replicas */
    public BrokerLifecycle(
            MetadataStore store,
            Controller localController,
            ControllerTransport transport,
            ControllerConfiguration configuration,
            Loop loop,
            ReplicaReport replicas) {
        this.store = store;
        this.localController = localController;
        this.transport = transport;
        this.configuration = configuration;
        this.loop = loop;
        this.replicas = replicas;
    }

    /** Registers and keeps showing that the broker lives. Completes when a controller has unfenced it for the first time. */
    public CompletableFuture<Void> start(BrokerRegistration wanted) {
        return start(wanted, LastShutdown.HARMLESS);
    }

    /** @param lastShutdown of this broker; after one that may have lost records the controller must account for that first */
    public CompletableFuture<Void> start(BrokerRegistration wanted, LastShutdown lastShutdown) {
        loop.runOrExecute(() -> {
            brokerId = wanted.brokerId();
            incarnationId = wanted.incarnationId();
        });
        store.listen(latest -> executeUnlessClosed(() -> onImage(latest)));
        store.register(wanted, lastShutdown).whenComplete((registration, failure) -> {
            if (failure != null) {
                unfenced.completeExceptionally(failure);
            }
        });
        return unfenced;
    }

    private void executeUnlessClosed(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closing) {
            LOGGER.log(Level.DEBUG, () -> "The lifecycle of this broker is closed: " + closing.getMessage());
        }
    }

    private void onImage(ClusterImage latest) {
        var before = image;
        image = latest;
        BrokerRegistration own = ownIn(latest);
        long epochBefore = brokerEpoch;
        brokerEpoch = own == null ? NOT_REGISTERED : own.brokerEpoch();
        boolean hasNewController =
                before.controllerId() != latest.controllerId() || before.controllerEpoch() != latest.controllerEpoch();
        if (hasNewController) {
            refusedSinceMs = NOT_REFUSED;
        }
        if (hasNewController || epochBefore != brokerEpoch || isSettled(before, own)) {
            beat();
        }
    }

    /** The registration of this process. That of an earlier life, whose session may still live, is none: nobody must take this process for that one. */
    private @Nullable BrokerRegistration ownIn(ClusterImage shown) {
        BrokerRegistration registration = shown.brokers().get(brokerId);
        return registration != null && registration.incarnationId().equals(incarnationId) ? registration : null;
    }

    private boolean isSettled(ClusterImage before, @Nullable BrokerRegistration own) {
        BrokerRegistration known = ownIn(before);
        return known != null
                && known.start().isUnclean()
                && own != null
                && !own.start().isUnclean();
    }

    /** A hint that a broker may be dead: a connection to it broke. Only the controller in force matters here. */
    public void onConnectionLost(int lostBrokerId) {
        executeUnlessClosed(() -> {
            if (lostBrokerId == image.controllerId()) {
                beat();
            }
        });
    }

    /** Calls back, on the loop, with the brokers that the controller has fenced, as each of its answers says. To be called before the start. */
    public void onFencedBrokers(Consumer<Set<Integer>> callback) {
        loop.runOrExecute(() -> fencedListener = callback);
    }

    /** There is something to tell the controller that should not wait for the next heartbeat. */
    public void hurry() {
        executeUnlessClosed(this::beat);
    }

    private void beat() {
        int controllerId = image.controllerId();
        if (closed || brokerEpoch == NOT_REGISTERED || controllerId == ClusterImage.NO_CONTROLLER) {
            return;
        }
        if (beating) {
            beatAgain = true;
            return;
        }
        beating = true;
        beatNumber++;
        var heartbeat = new BrokerHeartbeat(
                brokerId, brokerEpoch, wantsShutdown, replicas.disownsLeadership(), replicas.lostReplicas());
        var answer = controllerId == brokerId
                ? localController.heartbeat(heartbeat)
                : transport.heartbeat(controllerId, heartbeat);
        answer.whenComplete(
                (result, failure) -> executeUnlessClosed(() -> onAnswer(controllerId, heartbeat, result, failure)));
    }

    private void onAnswer(
            int controllerId,
            BrokerHeartbeat heartbeat,
            @Nullable HeartbeatResult result,
            @Nullable Throwable failure) {
        beating = false;
        if (result != null && !result.errorCode().isError()) {
            refusedSinceMs = NOT_REFUSED;
            fencedListener.accept(result.fencedBrokers());
            onAccepted(heartbeat, result);
            beatLater(beatAgain ? 0 : configuration.heartbeatIntervalMs());
        } else {
            onUnaccepted(controllerId, result, failure);
            beatLater(SHORT_PAUSE_MS);
        }
        beatAgain = false;
    }

    private void onAccepted(BrokerHeartbeat heartbeat, HeartbeatResult result) {
        if (!result.fenced()) {
            settleStart(heartbeat.brokerEpoch());
        }
        if (heartbeat.wantsShutdown() && result.mayShutdown()) {
            mayShutdown.complete(null);
        }
    }

    /** The broker may serve when its registration says no more that its start was unclean: so the next process does not hide that. */
    private void settleStart(long acceptedEpoch) {
        BrokerRegistration own = ownIn(image);
        if (own == null || !own.start().isUnclean()) {
            unfenced.complete(null);
        } else if (own.brokerEpoch() == acceptedEpoch) {
            // Repeated with the heartbeats while the registration says so.
            store.settleStart(acceptedEpoch).whenComplete((done, failure) -> {
                if (failure != null) {
                    LOGGER.log(Level.DEBUG, () -> "The start could not be settled yet: " + failure.getMessage());
                }
            });
        }
    }

    private void onUnaccepted(int controllerId, @Nullable HeartbeatResult result, @Nullable Throwable failure) {
        if (result != null || !isRefused(failure)) {
            refusedSinceMs = NOT_REFUSED;
            return;
        }
        long nowMs = loop.nowMs();
        if (refusedSinceMs == NOT_REFUSED) {
            refusedSinceMs = nowMs;
        }
        if (nowMs - refusedSinceMs >= configuration.usurpAfterMs() + rank() * SHORT_PAUSE_MS
                && controllerId == image.controllerId()
                && !wantsShutdown) {
            refusedSinceMs = NOT_REFUSED;
            if (localController.stand(true)) {
                LOGGER.log(
                        Level.INFO,
                        () -> "Controller " + controllerId + " refuses connections; broker " + brokerId
                                + " stands for election");
            }
        }
    }

    private static boolean isRefused(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof NobodyListensException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Brokers usurp one after the other, so that seldom more than one tries. */
    private int rank() {
        return (int) image.brokers().keySet().stream()
                .filter(id -> id < brokerId && id != image.controllerId())
                .count();
    }

    private void beatLater(long pauseMs) {
        int number = beatNumber;
        loop.schedule(pauseMs, () -> {
            if (number == beatNumber) {
                beat();
            }
        });
    }

    @Override
    public CompletableFuture<InSyncReplicasChangeResult> change(InSyncReplicasChange change) {
        int controllerId = image.controllerId();
        if (controllerId == ClusterImage.NO_CONTROLLER) {
            return CompletableFuture.failedFuture(new MetadataException("the cluster has no controller at the moment"));
        }
        return controllerId == change.brokerId()
                ? localController.changeInSyncReplicas(change)
                : transport.changeInSyncReplicas(controllerId, change);
    }

    /** Asks to be relieved. Completes, always normally, when the broker may go or the time is up. */
    public CompletableFuture<Void> controlledShutdown(long timeoutMs) {
        executeUnlessClosed(() -> {
            wantsShutdown = true;
            loop.schedule(timeoutMs, () -> mayShutdown.complete(null));
            beat();
        });
        return mayShutdown;
    }

    /** Ends the heartbeats. */
    @Override
    public void close() {
        executeUnlessClosed(() -> {
            closed = true;
            mayShutdown.complete(null);
            unfenced.completeExceptionally(new MetadataException("the broker is stopping"));
        });
    }
}
