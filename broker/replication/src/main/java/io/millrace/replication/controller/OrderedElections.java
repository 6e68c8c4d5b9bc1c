package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.PartitionViews.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Elections of leaders that an operator has ordered (KIP-183, KIP-460).
 *
 * <p>Owned by the controller's loop. Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE,
 * ELIGIBLE_LEADERS_NOT_AVAILABLE, and INVALID_REQUEST for an unclean election in a queue.
 */
record OrderedElections(DecisionRounds rounds, PartitionViews views) {

    /**
     * Elects leaders of partitions.
     *
     * @param wanted empty for all of the cluster; only those that needed or refused an election are then in the answer
     */
    CompletableFuture<Map<PartitionName, PartitionResult>> elect(
            ElectionKind kind, Optional<List<PartitionName>> wanted) {
        var answer = new CompletableFuture<Map<PartitionName, PartitionResult>>();
        rounds.decide(
                draft -> {
                    var results = wanted.map(names -> elect(draft, kind, names)).orElseGet(() -> electAll(draft, kind));
                    return () -> answer.complete(results);
                },
                (errorCode, why) -> {
                    var refused = new LinkedHashMap<PartitionName, PartitionResult>();
                    wanted.orElse(List.of()).forEach(name -> refused.put(name, new PartitionResult(errorCode, why)));
                    answer.complete(refused);
                });
        return answer;
    }

    private Map<PartitionName, PartitionResult> elect(Draft draft, ElectionKind kind, List<PartitionName> names) {
        var results = new LinkedHashMap<PartitionName, PartitionResult>();
        names.forEach(name -> results.put(name, elect(draft, kind, name)));
        return results;
    }

    private Map<PartitionName, PartitionResult> electAll(Draft draft, ElectionKind kind) {
        var results = new LinkedHashMap<PartitionName, PartitionResult>();
        for (TopicImage topic : draft.image().topics()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                var name = new PartitionName(topic.name(), index);
                PartitionResult result = elect(draft, kind, name);
                if (result.errorCode() != ErrorCode.ELECTION_NOT_NEEDED) {
                    results.put(name, result);
                }
            }
        }
        return results;
    }

    private PartitionResult elect(Draft draft, ElectionKind kind, PartitionName name) {
        Optional<TopicImage> topic = draft.image()
                .topic(name.topicName())
                .filter(found -> found.partition(name.partition()).isPresent());
        if (topic.isEmpty()) {
            return new PartitionResult(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                    "there is no partition " + name.topicName() + "-" + name.partition());
        }
        return kind == ElectionKind.PREFERRED
                ? electPreferred(draft, topic.get(), name.partition())
                : electUnclean(draft, topic.get(), name.partition());
    }

    private PartitionResult electPreferred(Draft draft, TopicImage topic, int index) {
        View view = views.of(topic, index);
        int preferred = view.election().preferredLeader();
        if (view.state().leaderId() == preferred) {
            return new PartitionResult(ErrorCode.ELECTION_NOT_NEEDED, "broker " + preferred + " is the leader already");
        }
        Optional<PartitionState> elected = view.election().preferred(view.state());
        if (elected.isEmpty()) {
            return new PartitionResult(
                    ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE,
                    "broker " + preferred + " cannot lead; in sync are "
                            + view.state().inSyncReplicas());
        }
        draft.change(topic.topicId(), Map.of(index, elected.get()));
        return PartitionResult.DONE;
    }

    private PartitionResult electUnclean(Draft draft, TopicImage topic, int index) {
        View view = views.of(topic, index);
        if (view.state().hasLeader()) {
            return new PartitionResult(
                    ErrorCode.ELECTION_NOT_NEEDED,
                    "broker " + view.state().leaderId() + " leads, and has all committed records");
        }
        if (topic.hasCursors()) {
            // What is acknowledged may be in the log of cursors without the messages it is about: new ones would count
            // as acknowledged.
            return new PartitionResult(
                    ErrorCode.INVALID_REQUEST,
                    topic.name()
                            + " is a queue or has subscriptions: its messages and their acknowledgements must not be lost apart; bring back one of "
                            + view.state().inSyncReplicas() + " and "
                            + view.state().eligibleLeaderReplicas());
        }
        // Nobody who has yet to get a partition is asked before those who have had it.
        Set<Integer> adding = topic.reassignment(index)
                .map(Reassignment::adding)
                .map(Set::copyOf)
                .orElse(Set.of());
        Optional<PartitionState> elected = view.election()
                .unclean(view.state(), id -> !adding.contains(id))
                .or(() -> view.election().unclean(view.state(), adding::contains));
        if (elected.isEmpty()) {
            return new PartitionResult(
                    ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
                    "none of the replicas " + view.election().replicas() + " is there with a log that can be used");
        }
        draft.change(topic.topicId(), Map.of(index, elected.get()));
        return PartitionResult.DONE;
    }
}
