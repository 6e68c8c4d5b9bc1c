package io.millrace.replication.controller;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.InSyncReplicasChange;
import io.millrace.replication.InSyncReplicasChangeResult;
import io.millrace.replication.Loop;
import io.millrace.replication.MinInSyncReplicas;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
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
    private final Supplier<UUID> topicIds;
    private final DecisionRounds rounds;
    private final BrokerLiveness liveness;
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
        this.topicIds = topicIds;
        this.rounds = new DecisionRounds(session, loaded, loop, onFenced);
        this.liveness = new BrokerLiveness(configuration);
    }

    int controllerEpoch() {
        return session.controllerEpoch();
    }

    /** Believes those registered to be there, and settles what an earlier controller left undone. */
    void start() {
        liveness.assume(rounds.committed().brokers().values(), loop.nowMs());
        rounds.decide(draft -> {
            changeAll(draft, partition -> {
                PartitionState without = partition.election.without(
                        partition.state, id -> !liveness.isUsable(id) && !isSole(partition, id));
                return partition.election.elected(without);
            });
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
            changeAll(draft, partition -> partition.election.without(partition.state, id -> id == brokerId));
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
        if (heartbeat.wantsShutdown()) {
            return relieve(brokerId);
        }
        if (heartbeat.disownsLeadership() && !handledBefore(heartbeat)) {
            reelect(brokerId);
        }
        if (!liveness.isFenced(brokerId)) {
            return CompletableFuture.completedFuture(new HeartbeatResult(ErrorCode.NONE, false, false));
        }
        return unfence(brokerId, heartbeat.brokerEpoch());
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
                    liveness.unfence(brokerId);
                    changeAll(draft, partition -> partition.election.elected(partition.state));
                    return () -> answer.complete(new HeartbeatResult(ErrorCode.NONE, false, false));
                },
                (errorCode, why) -> answer.complete(HeartbeatResult.refused(errorCode)));
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
                    changeAll(
                            draft,
                            partition -> isSole(partition, brokerId)
                                    ? partition.state
                                    : partition.election.without(partition.state, id -> id == brokerId));
                    return () -> answer.complete(new HeartbeatResult(ErrorCode.NONE, false, true));
                },
                (errorCode, why) -> answer.complete(HeartbeatResult.refused(errorCode)));
        return answer;
    }

    private boolean isSole(PartitionView partition, int brokerId) {
        return liveness.isRegistered(brokerId)
                && !liveness.isFenced(brokerId)
                && partition.state.leaderId() == brokerId
                && partition.state.inSyncReplicas().stream().noneMatch(id -> id != brokerId && liveness.isUsable(id));
    }

    private void reelect(int brokerId) {
        LOGGER.log(
                Level.INFO,
                () -> "Controller " + controllerEpoch() + " elects anew what broker " + brokerId + " led before");
        rounds.decide(draft -> {
            changeAll(
                    draft,
                    partition -> partition.state.leaderId() == brokerId
                            ? partition.election.relieved(partition.state)
                            : partition.state);
            return () -> {};
        });
    }

    /** One partition while a decision is made. */
    private record PartitionView(PartitionState state, PartitionElection election) {}

    private void changeAll(Draft draft, Function<PartitionView, PartitionState> rule) {
        for (TopicImage topic : draft.image().topics()) {
            var changed = new HashMap<Integer, PartitionState>();
            for (int index = 0; index < topic.partitionCount(); index++) {
                var view = view(topic, index);
                PartitionState after = rule.apply(view);
                if (!after.equals(view.state)) {
                    changed.put(index, after);
                }
            }
            draft.change(topic.topicId(), changed);
        }
    }

    private PartitionView view(TopicImage topic, int index) {
        List<Integer> replicas = topic.assignment().get(index);
        int min = MinInSyncReplicas.of(topic, configuration.defaultMinInSyncReplicas(), replicas.size());
        return new PartitionView(
                topic.partitions().get(index), new PartitionElection(replicas, min, liveness::isUsable));
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
        var view = view(topic.get(), index);
        ErrorCode refused = new InSyncReplicasRule(liveness).check(change, view.state, view.election.replicas());
        if (refused.isError()) {
            return new InSyncReplicasChangeResult(refused, Optional.of(view.state));
        }
        var wished = change.inSyncReplicas().stream()
                .map(InSyncReplicasChange.Replica::brokerId)
                .toList();
        PartitionState after = InSyncReplicasRule.isResignation(change)
                ? view.election.resigned(view.state)
                : view.election.withInSync(view.state, wished);
        draft.change(topic.get().topicId(), Map.of(index, after));
        return new InSyncReplicasChangeResult(ErrorCode.NONE, Optional.of(after));
    }

    CompletableFuture<TopicResult> createTopic(NewTopic wanted) {
        return topicDecision(draft -> {
            var topic = new TopicRules(configuration, draft.image(), liveness::isUsable).create(wanted, topicIds.get());
            if (!wanted.validateOnly()) {
                draft.create(topic);
            }
            return TopicResult.of(topic);
        });
    }

    CompletableFuture<TopicResult> deleteTopic(String name) {
        return topicDecision(draft -> {
            TopicImage topic = existing(draft, name);
            draft.delete(topic);
            return TopicResult.of(topic);
        });
    }

    CompletableFuture<TopicResult> changeConfiguration(String name, Map<String, String> changed) {
        return topicDecision(draft -> {
            TopicImage topic = existing(draft, name);
            draft.reconfigure(topic, changed);
            TopicImage after = existing(draft, name);
            // Where fewer replicas are needed now, commits go on without the eligible ones, which must not lead any
            // more.
            changeAllOf(draft, after);
            return TopicResult.of(existing(draft, name));
        });
    }

    private void changeAllOf(Draft draft, TopicImage topic) {
        var changed = new HashMap<Integer, PartitionState>();
        for (int index = 0; index < topic.partitionCount(); index++) {
            var view = view(topic, index);
            PartitionState after = view.election.withoutStaleEligible(view.state);
            if (!after.equals(view.state)) {
                changed.put(index, after);
            }
        }
        draft.change(topic.topicId(), changed);
    }

    private static TopicImage existing(Draft draft, String name) throws TopicRules.RefusedException {
        return draft.image()
                .topic(name)
                .orElseThrow(() -> new TopicRules.RefusedException(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + name + "'"));
    }

    @FunctionalInterface
    private interface TopicDecision {
        TopicResult on(Draft draft) throws TopicRules.RefusedException;
    }

    private CompletableFuture<TopicResult> topicDecision(TopicDecision decision) {
        var answer = new CompletableFuture<TopicResult>();
        rounds.decide(
                draft -> {
                    TopicResult result;
                    try {
                        result = decision.on(draft);
                    } catch (TopicRules.RefusedException e) {
                        result = e.result();
                    }
                    var decided = result;
                    return () -> answer.complete(decided);
                },
                (errorCode, why) -> answer.complete(TopicResult.refused(errorCode, why)));
        return answer;
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
