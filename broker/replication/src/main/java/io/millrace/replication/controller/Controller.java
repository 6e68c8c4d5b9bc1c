package io.millrace.replication.controller;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.SettingsScope;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.Loop;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The controller of this broker, in office or standing by. Standing by it answers {@code NOT_CONTROLLER} to everything.
 *
 * <p>Thread-safe; the state belongs to the loop.
 *
 * <pre>
 * STANDING BY --office vacant, or the holder does not answer--> STANDING --won, loaded--> IN OFFICE
 *      ^                                                            | lost                  | fenced, closed
 *      +------------------------------------------------------------+-----------------------+
 * </pre>
 */
public final class Controller implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Controller.class.getName());
    private static final long TICK_MS = 50;
    private static final long STAND_AGAIN_MS = 100;
    private static final long RESIGN_MAX_MS = 2_000;

    private final int brokerId;
    private final MetadataStore store;
    private final ControllerConfiguration configuration;
    private final Loop loop;
    private final Supplier<UUID> topicIds;

    private volatile boolean isActive;
    private volatile boolean closed;

    // Owned by the loop.
    private ClusterImage image = ClusterImage.EMPTY;
    private @Nullable ActiveController active;
    private boolean standing;
    /** Brokers may have come or gone since what was loaded. */
    private boolean imageWhileLoading;

    /** The registration of this broker has been seen: nobody is elected before it can be reached. */
    private boolean registered;

    public Controller(int brokerId, MetadataStore store, ControllerConfiguration configuration, Loop loop) {
        this(brokerId, store, configuration, loop, UUID::randomUUID);
    }

    /** @param topicIds where the ids of new topics come from; each must be new */
    public Controller(
            int brokerId,
            MetadataStore store,
            ControllerConfiguration configuration,
            Loop loop,
            Supplier<UUID> topicIds) {
        this.brokerId = brokerId;
        this.store = store;
        this.configuration = configuration;
        this.loop = loop;
        this.topicIds = topicIds;
    }

    /** Begins to follow the cluster and stands for election whenever the office is vacant. */
    public void start() {
        store.listen(latest -> executeUnlessClosed(() -> onImage(latest)));
        loop.schedule(TICK_MS, this::tick);
    }

    private void executeUnlessClosed(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closing) {
            LOGGER.log(
                    Level.DEBUG, () -> "The controller of broker " + brokerId + " is closed: " + closing.getMessage());
        }
    }

    private void tick() {
        if (closed) {
            return;
        }
        if (active != null) {
            active.tick();
        }
        loop.schedule(TICK_MS, this::tick);
    }

    private void onImage(ClusterImage latest) {
        image = latest;
        imageWhileLoading = true;
        registered = latest.brokers().containsKey(brokerId);
        if (active != null && latest.controllerEpoch() > active.controllerEpoch()) {
            leaveOffice("broker " + latest.controllerId() + " was elected in epoch " + latest.controllerEpoch());
        }
        if (active != null) {
            active.onImage(latest);
        }
        standIfVacant();
    }

    private void standIfVacant() {
        boolean isVacant = image.controllerId() == ClusterImage.NO_CONTROLLER || image.controllerId() == brokerId;
        boolean isOurs = active != null && image.controllerId() == brokerId;
        // An own win may not be in the image yet.
        boolean isNewerHere = active != null && active.controllerEpoch() > image.controllerEpoch();
        if (registered && isVacant && !isOurs && !isNewerHere) {
            stand(false);
        }
    }

    /** Stands for election now; answers whether this began here. */
    boolean stand(boolean usurp) {
        if (standing || closed || !registered) {
            return false;
        }
        standing = true;
        int former = image.controllerId();
        int expectedEpoch = image.controllerEpoch();
        store.electController(brokerId, expectedEpoch, usurp)
                .whenComplete((won, failure) -> executeUnlessClosed(() -> {
                    if (won != null && won.isPresent()) {
                        load(won.get(), former);
                    } else {
                        standing = false;
                        standAgainLater();
                    }
                }));
        return true;
    }

    private void load(ControllerSession session, int former) {
        imageWhileLoading = false;
        session.load()
                .whenComplete((loaded, failure) -> executeUnlessClosed(() -> {
                    standing = false;
                    if (closed || loaded == null || image.controllerEpoch() > session.controllerEpoch()) {
                        session.resign();
                        standAgainLater();
                        return;
                    }
                    takeOffice(session, loaded, former);
                }));
    }

    private void takeOffice(ControllerSession session, ClusterImage loaded, int former) {
        leaveOffice("it was elected again");
        LOGGER.log(Level.INFO, () -> "Broker " + brokerId + " is controller in epoch " + session.controllerEpoch());
        var office = new ActiveController(session, loaded, configuration, loop, topicIds, () -> {
            active = null;
            isActive = false;
            standIfVacant();
        });
        active = office;
        isActive = true;
        office.start();
        session.lost().thenRun(() -> executeUnlessClosed(() -> onSessionLost(office)));
        if (imageWhileLoading) {
            office.onImage(image);
        }
        if (former != ClusterImage.NO_CONTROLLER && former != brokerId) {
            office.suspect(former);
        }
    }

    /** Whoever is elected next need not wait for this one to hear of it. */
    private void onSessionLost(ActiveController office) {
        if (active == office) {
            leaveOffice("its session has ended");
            standIfVacant();
        }
    }

    private void leaveOffice(String why) {
        var leaving = active;
        if (leaving != null) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Broker " + brokerId + " is controller of epoch " + leaving.controllerEpoch() + " no more: "
                            + why);
            leaving.end();
            active = null;
            isActive = false;
        }
    }

    /**
     * An election that led to nothing is repeated while the office is vacant: ZooKeeper may not have answered, or whoever was faster may have gone
     * again while this broker still stood, and no other image need come.
     */
    private void standAgainLater() {
        loop.schedule(STAND_AGAIN_MS, () -> {
            if (!closed) {
                standIfVacant();
            }
        });
    }

    /** Whether this broker holds the office, as far as it knows. */
    public boolean isActive() {
        return isActive;
    }

    public CompletableFuture<HeartbeatResult> heartbeat(BrokerHeartbeat heartbeat) {
        return ask(office -> office.heartbeat(heartbeat), HeartbeatResult.refused(ErrorCode.NOT_CONTROLLER));
    }

    /** A hint that a broker may be dead: the connection that carried its heartbeats broke. */
    public void onConnectionLost(int lostBrokerId) {
        executeUnlessClosed(() -> {
            if (active != null) {
                active.suspect(lostBrokerId);
            }
        });
    }

    public CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(InSyncReplicasChange change) {
        return ask(
                office -> office.changeInSyncReplicas(change),
                InSyncReplicasChangeResult.refused(ErrorCode.NOT_CONTROLLER));
    }

    public CompletableFuture<TopicResult> createTopic(NewTopic topic) {
        return ask(office -> office.topics().create(topic), notController());
    }

    public CompletableFuture<TopicResult> deleteTopic(String name) {
        return ask(office -> office.topics().delete(name), notController());
    }

    /** Adds partitions to a topic. */
    public CompletableFuture<TopicResult> addPartitions(MorePartitions wanted) {
        return ask(office -> office.topics().addPartitions(wanted), notController());
    }

    /**
     * Changes the configuration of a topic.
     *
     * @param rule makes the whole configuration of the one before, or refuses; runs on the controller's loop, perhaps more than once
     */
    public CompletableFuture<TopicResult> changeConfiguration(
            String name, UnaryOperator<SettingsOutcome> rule, boolean validateOnly) {
        return ask(office -> office.topics().changeConfiguration(name, rule, validateOnly), notController());
    }

    /** Has a subscription be there. */
    public CompletableFuture<SubscriptionResult> createSubscription(NewSubscription wanted) {
        return ask(office -> office.subscriptions().create(wanted), noSubscriptions());
    }

    public CompletableFuture<SubscriptionResult> deleteSubscription(UUID topicId, long number) {
        return ask(office -> office.subscriptions().delete(topicId, number), noSubscriptions());
    }

    private SubscriptionResult noSubscriptions() {
        return SubscriptionResult.refused(
                ErrorCode.NOT_CONTROLLER, notController().message());
    }

    /** Changes settings that are no topic's, as {@link #changeConfiguration} those of a topic. */
    public CompletableFuture<SettingsOutcome> changeSettings(
            SettingsScope scope, UnaryOperator<SettingsOutcome> rule, boolean validateOnly) {
        return ask(
                office -> office.topics().changeSettings(scope, rule, validateOnly),
                SettingsOutcome.refused(
                        ErrorCode.NOT_CONTROLLER, notController().message()));
    }

    /** Begins moves of partitions, and cancels some; the answers are in the order of the wishes. */
    public CompletableFuture<List<PartitionResult>> reassign(
            List<ReassignmentWish> wishes, ReassignmentOptions options) {
        var notInOffice = Collections.nCopies(
                wishes.size(),
                new PartitionResult(ErrorCode.NOT_CONTROLLER, notController().message()));
        return ask(office -> office.reassign(wishes, options), notInOffice);
    }

    /**
     * Elects leaders.
     *
     * @param wanted empty for all partitions of the cluster, of which only those are answered that needed an election
     * @return empty while this broker is not the controller
     */
    public CompletableFuture<Optional<Map<PartitionName, PartitionResult>>> electLeaders(
            ElectionKind kind, Optional<List<PartitionName>> wanted) {
        return ask(office -> office.electLeaders(kind, wanted).thenApply(Optional::of), Optional.empty());
    }

    private TopicResult notController() {
        return TopicResult.refused(ErrorCode.NOT_CONTROLLER, "broker " + brokerId + " is not the controller");
    }

    private <T> CompletableFuture<T> ask(Function<ActiveController, CompletableFuture<T>> question, T notInOffice) {
        var answer = new CompletableFuture<T>();
        try {
            loop.runOrExecute(() -> {
                var office = active;
                if (office == null) {
                    answer.complete(notInOffice);
                    return;
                }
                question.apply(office).whenComplete((result, failure) -> {
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
            });
        } catch (RejectedExecutionException closing) {
            answer.complete(notInOffice);
        }
        return answer;
    }

    /** Resigns if in office. Bounded; the loop stays open. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        var resigned = new CompletableFuture<Void>();
        executeUnlessClosed(() -> {
            var office = active;
            active = null;
            isActive = false;
            if (office == null) {
                resigned.complete(null);
            } else {
                office.resign().whenComplete((done, failure) -> resigned.complete(null));
            }
        });
        awaitBounded(resigned);
    }

    private void awaitBounded(CompletableFuture<Void> resigned) {
        if (loop.isCurrent()) {
            return;
        }
        try {
            resigned.get(RESIGN_MAX_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "Broker " + brokerId + " could not resign as controller in time; its session ends later");
        }
    }
}
