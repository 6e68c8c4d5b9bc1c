package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.PartitionViews.View;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What administrators wish of topics and of settings, as a controller in office decides it.
 *
 * <p>Owned by the controller's loop.
 */
final class TopicDecisions {
    private final ControllerConfiguration configuration;
    private final DecisionRounds rounds;
    private final PartitionViews views;
    private final Supplier<UUID> topicIds;
    /** Of the latest draft that placed a topic. */
    private ReplicaLoad load = ReplicaLoad.NONE;

    TopicDecisions(
            ControllerConfiguration configuration,
            DecisionRounds rounds,
            PartitionViews views,
            Supplier<UUID> topicIds) {
        this.configuration = configuration;
        this.rounds = rounds;
        this.views = views;
        this.topicIds = topicIds;
    }

    CompletableFuture<TopicResult> create(NewTopic wanted) {
        return decide(draft -> {
            var topic = rules(draft).create(wanted, topicIds.get());
            if (!wanted.validateOnly()) {
                draft.create(topic);
            }
            return TopicResult.of(topic);
        });
    }

    private TopicRules rules(Draft draft) {
        load = load.of(draft.image());
        return new TopicRules(configuration, draft.image(), load, views.liveness()::isUsable);
    }

    CompletableFuture<TopicResult> delete(String name) {
        return decide(draft -> {
            TopicImage topic = existing(draft, name);
            draft.delete(topic);
            return TopicResult.of(topic);
        });
    }

    CompletableFuture<TopicResult> addPartitions(MorePartitions wanted) {
        return decide(draft -> {
            TopicImage topic = existing(draft, wanted.topicName());
            var added = rules(draft).added(topic, wanted);
            if (!wanted.validateOnly()) {
                draft.move(topic.topicId(), added);
            }
            return TopicResult.of(topic);
        });
    }

    CompletableFuture<TopicResult> changeConfiguration(
            String name, UnaryOperator<SettingsOutcome> rule, boolean validateOnly) {
        return decide(draft -> {
            TopicImage topic = existing(draft, name);
            SettingsOutcome changed = rule.apply(SettingsOutcome.of(topic.configuration()));
            if (changed.errorCode().isError()) {
                throw new TopicRules.RefusedException(changed.errorCode(), changed.message());
            }
            if (validateOnly || changed.settings().equals(topic.configuration())) {
                return TopicResult.of(topic.withConfiguration(changed.settings()));
            }
            draft.reconfigure(topic, changed.settings());
            follow(draft, topic, existing(draft, name));
            return TopicResult.of(existing(draft, name));
        });
    }

    /** The states of partitions follow from a new {@code min.insync.replicas}, and from the order to do without committed records. */
    private void follow(Draft draft, TopicImage before, TopicImage after) {
        var electsUnclean = configuration.electsUnclean();
        boolean mayBeUncleanNow = electsUnclean.test(after) && !electsUnclean.test(before);
        var changed = new HashMap<Integer, PartitionState>();
        for (int index = 0; index < after.partitionCount(); index++) {
            View view = views.of(after, index);
            int replicationFactor = after.replicationFactor(index);
            // A leader that still believes in the smaller number could commit what others need not have.
            boolean needsMore = views.minInSync(after, replicationFactor) > views.minInSync(before, replicationFactor);
            // Where fewer replicas are needed now, commits go on without the eligible ones, which must not lead any
            // more.
            PartitionState state = needsMore
                    ? view.election().moved(view.state(), true)
                    : view.election().withoutStaleEligible(view.state());
            if (mayBeUncleanNow && !state.hasLeader()) {
                state = view.election().elected(state);
            }
            if (!state.equals(view.state())) {
                changed.put(index, state);
            }
        }
        draft.change(after.topicId(), changed);
    }

    CompletableFuture<SettingsOutcome> changeSettings(
            SettingsScope scope, UnaryOperator<SettingsOutcome> rule, boolean validateOnly) {
        var answer = new CompletableFuture<SettingsOutcome>();
        rounds.decide(
                draft -> {
                    Map<String, String> before = draft.image().settings(scope);
                    SettingsOutcome changed = rule.apply(SettingsOutcome.of(before));
                    if (!changed.errorCode().isError()
                            && !validateOnly
                            && !changed.settings().equals(before)) {
                        draft.change(scope, changed.settings());
                    }
                    return () -> answer.complete(changed);
                },
                (errorCode, why) -> answer.complete(SettingsOutcome.refused(errorCode, why)));
        return answer;
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

    private CompletableFuture<TopicResult> decide(TopicDecision decision) {
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
}
