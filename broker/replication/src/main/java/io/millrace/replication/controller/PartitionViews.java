package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.MinInSyncReplicas;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;

/** Partitions as decisions need them: a state, and the rules of election among those who are there. Owned by the controller's loop. */
record PartitionViews(ControllerConfiguration configuration, BrokerLiveness liveness) {

    /** One partition while a decision is made. */
    record View(PartitionState state, PartitionElection election) {}

    View of(TopicImage topic, int index) {
        List<Integer> replicas = topic.assignment().get(index);
        int minInSync = minInSync(topic, topic.replicationFactor(index));
        boolean electsUnclean = configuration.electsUnclean().test(topic);
        IntPredicate lastResort = id -> electsUnclean && !isAdding(topic, index, id);
        return new View(
                topic.partitions().get(index),
                new PartitionElection(replicas, minInSync, liveness::isUsable, lastResort));
    }

    private static boolean isAdding(TopicImage topic, int index, int brokerId) {
        return topic.reassignment(index)
                .filter(move -> move.adding().contains(brokerId))
                .isPresent();
    }

    /** The rules for a partition that has these replicas, of which so many count for {@code min.insync.replicas}. */
    PartitionElection election(TopicImage topic, List<Integer> replicas, int replicationFactor) {
        return new PartitionElection(replicas, minInSync(topic, replicationFactor), liveness::isUsable);
    }

    int minInSync(TopicImage topic, int replicationFactor) {
        return MinInSyncReplicas.of(topic, configuration.defaultMinInSyncReplicas(), replicationFactor);
    }

    /** Applies a rule to every partition of the cluster. */
    void changeAll(Draft draft, Function<View, PartitionState> rule) {
        draft.image().topics().forEach(topic -> change(draft, topic, rule));
    }

    /** Applies a rule to every partition of a topic. */
    void change(Draft draft, TopicImage topic, Function<View, PartitionState> rule) {
        var changed = new HashMap<Integer, PartitionState>();
        for (int index = 0; index < topic.partitionCount(); index++) {
            var view = of(topic, index);
            PartitionState after = rule.apply(view);
            if (!after.equals(view.state)) {
                changed.put(index, after);
            }
        }
        draft.change(topic.topicId(), changed);
    }
}
