package io.millrace.replication.controller;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.Loop;
import io.millrace.replication.LostReplica;
import io.millrace.replication.controller.PartitionViews.View;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A controller in office: what it decides on registrations, heartbeats, and requests of leaders and of administrators. Decisions are
 * written, and become true, in {@link DecisionRounds}.
 *
 * <p>Owned by the controller's loop.
 */
final class ActiveController {
    private static final System.Logger LOGGER = System.getLogger(ActiveController.class.getName());

    private final ControllerSession session;
    private final ControllerConfiguration configuration;
    private final Loop loop;
    private final DecisionRounds rounds;
    private final BrokerLiveness liveness;
    private final PartitionViews views;
    private final UncleanStarts uncleanStarts;
    private final Reassignments reassignments;
    private final PreferredLeaders preferredLeaders;
    private final TopicDecisions topics;
    private final SubscriptionDecisions subscriptions;

    private final Map<Integer, Long> disownedHandled = new HashMap<>();

    ActiveController(
            ControllerSession session,
            ClusterImage loaded,
            ControllerConfiguration configuration,
            Loop loop,
            Supplier<UUID> topicIds,
            Runnable onFenced) {
        this.session = session;
        this.configuration = configuration;
        this.loop = loop;
        this.rounds = new DecisionRounds(session, loaded, loop, onFenced);
        this.liveness = new BrokerLiveness(configuration);
        this.views = new PartitionViews(configuration, liveness);
        this.uncleanStarts = new UncleanStarts(views);
        this.reassignments = new Reassignments(rounds, views);
        this.topics = new TopicDecisions(configuration, rounds, views, topicIds);
        this.subscriptions = new SubscriptionDecisions(rounds, views);
        this.preferredLeaders = new PreferredLeaders(configuration.leaderBalance(), rounds, views, loop.nowMs());
    }

    int controllerEpoch() {
        return session.controllerEpoch();
    }

    /** Believes those registered to be there, and settles what an earlier controller left undone. */
    void start() {
        liveness.assume(rounds.committed().brokers().values(), loop.nowMs());
        rounds.decide(draft -> {
            views.changeAll(draft, partition -> {
                PartitionState without = partition
                        .election()
                        .without(partition.state(), id -> !liveness.isUsable(id) && !isSole(partition, id));
                return partition.election().elected(without);
            });
            reassignments.completeAll(draft);
            return () -> {};
        });
    }

    /** Takes over who is registered. */
    void onImage(ClusterImage image) {
        if (image.brokers().equals(rounds.committed().brokers())) {
            return;
        }
        rounds.onBrokers(image.brokers());
        liveness.onRegistrations(image.brokers()).forEach(gone -> fence(gone, "it is registered no more, or anew"));
    }

    void tick() {
        liveness.silent(loop.nowMs()).forEach(silent -> fence(silent, "it is silent"));
        preferredLeaders.tick(loop.nowMs());
    }

    void suspect(int brokerId) {
        liveness.suspect(brokerId, loop.nowMs());
        loop.schedule(configuration.suspicionMs() + 1, this::tickUnlessEnded);
    }

    private void tickUnlessEnded() {
        if (!rounds.hasEnded()) {
            tick();
        }
    }

    private void fence(int brokerId, String why) {
        LOGGER.log(Level.INFO, () -> "Controller " + controllerEpoch() + " fences broker " + brokerId + ": " + why);
        liveness.fence(brokerId);
        rounds.decide(draft -> {
            // By now the broker may be back; it is then unfenced by a decision of its own, after this one.
            views.changeAll(draft, partition -> partition.election().without(partition.state(), id -> id == brokerId));
            return () -> {};
        });
    }

    CompletableFuture<HeartbeatResult> heartbeat(BrokerHeartbeat heartbeat) {
        int brokerId = heartbeat.brokerId();
        if (!liveness.isCurrent(brokerId, heartbeat.brokerEpoch())) {
            // Either of the two has not heard of the latest registration yet.
            return CompletableFuture.completedFuture(HeartbeatResult.refused(ErrorCode.STALE_BROKER_EPOCH));
        }
        liveness.onHeartbeat(brokerId, loop.nowMs());
        if (!heartbeat.lostReplicas().isEmpty()) {
            rounds.decide(draft -> {
                if (liveness.isCurrent(brokerId, heartbeat.brokerEpoch())) {
                    heartbeat.lostReplicas().forEach(replica -> lose(draft, replica, brokerId));
                }
                return () -> {};
            });
        }
        if (heartbeat.wantsShutdown()) {
            return relieve(brokerId);
        }
        if (heartbeat.disownsLeadership() && !handledBefore(heartbeat)) {
            reelect(brokerId);
        }
        if (!liveness.isFenced(brokerId) && !liveness.isUnaccounted(brokerId)) {
            return CompletableFuture.completedFuture(accepted(false));
        }
        return unfence(brokerId, heartbeat.brokerEpoch());
    }

    private HeartbeatResult accepted(boolean mayShutdown) {
        return new HeartbeatResult(ErrorCode.NONE, false, mayShutdown, liveness.fenced());
    }

    /** Takes a replica without a usable log out of all sets. A report on an older state may be from before the replica came back. */
    private void lose(Draft draft, LostReplica lost, int brokerId) {
        UUID topicId = lost.partition().topicId();
        int index = lost.partition().partition();
        Optional<TopicImage> topic = draft.image().topic(topicId);
        if (topic.flatMap(known -> known.partition(index))
                .filter(state -> state.partitionEpoch() == lost.partitionEpoch())
                .isEmpty()) {
            return;
        }
        View view = views.of(topic.get(), index);
        PartitionState after = view.election().withLost(view.state(), brokerId);
        if (!after.equals(view.state())) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Controller " + controllerEpoch() + ": broker " + brokerId + " has no usable log of "
                            + topic.get().name() + "-" + index + "; leader is now " + after.leaderId()
                            + ", in sync are " + after.inSyncReplicas());
            draft.change(topicId, Map.of(index, after));
        }
    }

    private boolean handledBefore(BrokerHeartbeat heartbeat) {
        Long handled = disownedHandled.put(heartbeat.brokerId(), heartbeat.brokerEpoch());
        return handled != null && handled == heartbeat.brokerEpoch();
    }

    private CompletableFuture<HeartbeatResult> unfence(int brokerId, long brokerEpoch) {
        var answer = new CompletableFuture<HeartbeatResult>();
        rounds.decide(
                draft -> {
                    if (!liveness.isCurrent(brokerId, brokerEpoch)) {
                        return () -> answer.complete(HeartbeatResult.refused(ErrorCode.STALE_BROKER_EPOCH));
                    }
                    if (liveness.isFenced(brokerId)) {
                        LOGGER.log(
                                Level.INFO, () -> "Controller " + controllerEpoch() + " unfences broker " + brokerId);
                    }
                    if (liveness.isUnaccounted(brokerId)) {
                        uncleanStarts.account(draft, brokerId);
                    }
                    liveness.unfence(brokerId);
                    views.changeAll(draft, partition -> partition.election().elected(partition.state()));
                    reassignments.completeAll(draft);
                    return () -> {
                        liveness.onAccounted(brokerId, brokerEpoch);
                        answer.complete(accepted(false));
                    };
                },
                (errorCode, why) -> {
                    if (liveness.isUnaccounted(brokerId)) {
                        liveness.fence(brokerId);
                    }
                    answer.complete(HeartbeatResult.refused(errorCode));
                });
        return answer;
    }

    /** Moves leaderships and in-sync memberships away, except where there is nobody else. */
    private CompletableFuture<HeartbeatResult> relieve(int brokerId) {
        var answer = new CompletableFuture<HeartbeatResult>();
        boolean isFirst = !liveness.isLeaving(brokerId);
        liveness.onLeaving(brokerId);
        if (isFirst) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Controller " + controllerEpoch() + " relieves broker " + brokerId
                            + ", which is shutting down");
        }
        rounds.decide(
                draft -> {
                    views.changeAll(
                            draft,
                            partition -> isSole(partition, brokerId)
                                    ? partition.state()
                                    : partition.election().without(partition.state(), id -> id == brokerId));
                    return () -> answer.complete(accepted(true));
                },
                (errorCode, why) -> answer.complete(HeartbeatResult.refused(errorCode)));
        return answer;
    }

    private boolean isSole(View partition, int brokerId) {
        return liveness.isRegistered(brokerId)
                && !liveness.isFenced(brokerId)
                && partition.state().leaderId() == brokerId
                && partition.state().inSyncReplicas().stream().noneMatch(id -> id != brokerId && liveness.isUsable(id));
    }

    private void reelect(int brokerId) {
        LOGGER.log(
                Level.INFO,
                () -> "Controller " + controllerEpoch() + " elects anew what broker " + brokerId + " led before");
        rounds.decide(draft -> {
            views.changeAll(
                    draft,
                    partition -> partition.state().leaderId() == brokerId
                            ? partition.election().relieved(partition.state())
                            : partition.state());
            return () -> {};
        });
    }

    CompletableFuture<InSyncReplicasChangeResult> changeInSyncReplicas(InSyncReplicasChange change) {
        var answer = new CompletableFuture<InSyncReplicasChangeResult>();
        rounds.decide(
                draft -> {
                    var result = changeInSyncReplicas(draft, change);
                    return () -> answer.complete(result);
                },
                (errorCode, why) -> answer.complete(InSyncReplicasChangeResult.refused(errorCode)));
        return answer;
    }

    private InSyncReplicasChangeResult changeInSyncReplicas(Draft draft, InSyncReplicasChange change) {
        Optional<TopicImage> topic = draft.image().topic(change.partition().topicId());
        int index = change.partition().partition();
        if (topic.isEmpty() || index < 0 || index >= topic.get().partitionCount()) {
            return InSyncReplicasChangeResult.refused(ErrorCode.UNKNOWN_TOPIC_ID);
        }
        var view = views.of(topic.get(), index);
        ErrorCode refused = new InSyncReplicasRule(liveness)
                .check(change, view.state(), view.election().replicas());
        if (refused.isError()) {
            return new InSyncReplicasChangeResult(refused, Optional.of(view.state()));
        }
        var wished = change.inSyncReplicas().stream()
                .map(InSyncReplicasChange.Replica::brokerId)
                .toList();
        PartitionState after = view.election().withInSync(view.state(), wished);
        draft.change(topic.get().topicId(), Map.of(index, after));
        reassignments.complete(draft, topic.get(), index);
        return new InSyncReplicasChangeResult(
                ErrorCode.NONE, draft.image().topic(topic.get().topicId()).flatMap(latest -> latest.partition(index)));
    }

    CompletableFuture<List<PartitionResult>> reassign(List<ReassignmentWish> wishes, ReassignmentOptions options) {
        return reassignments.change(wishes, options);
    }

    CompletableFuture<Map<PartitionName, PartitionResult>> electLeaders(
            ElectionKind kind, Optional<List<PartitionName>> wanted) {
        return new OrderedElections(rounds, views).elect(kind, wanted);
    }

    TopicDecisions topics() {
        return topics;
    }

    SubscriptionDecisions subscriptions() {
        return subscriptions;
    }

    /** Leaves office: whoever waits is sent to the next controller. */
    void end() {
        rounds.end();
    }

    CompletableFuture<Void> resign() {
        end();
        return session.resign();
    }
}
