package io.millrace.replication.controller;

import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.ReassignmentRules.Moved;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The moves of partitions to other replicas, as a controller in office begins, cancels and ends them. They lie in the metadata, so the next
 * controller goes on with them.
 *
 * <p>Owned by the controller's loop.
 */
final class Reassignments {
    private static final System.Logger LOGGER = System.getLogger(Reassignments.class.getName());

    private final DecisionRounds rounds;
    private final PartitionViews views;

    Reassignments(DecisionRounds rounds, PartitionViews views) {
        this.rounds = rounds;
        this.views = views;
    }

    /** Begins and cancels moves; the answers are in the order of the wishes. */
    CompletableFuture<List<PartitionResult>> change(List<ReassignmentWish> wishes, ReassignmentOptions options) {
        var answer = new CompletableFuture<List<PartitionResult>>();
        rounds.decide(
                draft -> {
                    var results = wishes.stream()
                            .map(wish -> change(draft, wish, options))
                            .toList();
                    return () -> answer.complete(results);
                },
                (errorCode, why) -> answer.complete(wishes.stream()
                        .map(wish -> new PartitionResult(errorCode, why))
                        .toList()));
        return answer;
    }

    private PartitionResult change(Draft draft, ReassignmentWish wish, ReassignmentOptions options) {
        try {
            TopicImage topic = draft.image()
                    .topic(wish.topicName())
                    .filter(found -> found.partition(wish.partition()).isPresent())
                    .orElseThrow(() -> new TopicRules.RefusedException(
                            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                            "there is no partition " + wish.topicName() + "-" + wish.partition()));
            var rules = rules(draft);
            Moved moved = wish.target().isPresent()
                    ? rules.begun(topic, wish.partition(), wish.target().get(), options)
                    : rules.cancelled(topic, wish.partition());
            draft.move(topic.topicId(), Map.of(wish.partition(), moved));
            LOGGER.log(
                    Level.INFO,
                    () -> (wish.target().isPresent() ? "Moving " : "Not moving any more ") + topic.name() + "-"
                            + wish.partition() + ": " + moved.assignment());
            complete(draft, topic, wish.partition());
            return PartitionResult.DONE;
        } catch (TopicRules.RefusedException e) {
            return new PartitionResult(e.result().errorCode(), e.result().message());
        }
    }

    private ReassignmentRules rules(Draft draft) {
        var registered = new TreeSet<>(draft.image().brokers().keySet());
        registered.removeIf(id -> views.liveness().isLeaving(id));
        return new ReassignmentRules(views, registered);
    }

    /** Ends the move of a partition if all replicas wanted are in sync by now. */
    void complete(Draft draft, TopicImage topic, int index) {
        draft.image()
                .topic(topic.topicId())
                .flatMap(latest -> rules(draft).completed(latest, index))
                .ifPresent(moved -> {
                    LOGGER.log(
                            Level.INFO,
                            () -> "Moved " + topic.name() + "-" + index + " to "
                                    + moved.assignment().replicas());
                    draft.move(topic.topicId(), Map.of(index, moved));
                });
    }

    /** Ends all moves that can be ended: brokers may have come that may lead. */
    void completeAll(Draft draft) {
        for (TopicImage topic : draft.image().topics()) {
            if (!topic.reassignments().isEmpty()) {
                completeAll(draft, topic);
            }
        }
    }

    private void completeAll(Draft draft, TopicImage topic) {
        var rules = rules(draft);
        var moved = new HashMap<Integer, Moved>();
        for (int index : new ArrayList<>(topic.reassignments().keySet())) {
            rules.completed(topic, index).ifPresent(done -> moved.put(index, done));
        }
        draft.move(topic.topicId(), moved);
    }
}
