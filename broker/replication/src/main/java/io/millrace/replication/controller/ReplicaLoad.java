package io.millrace.replication.controller;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many replicas and preferred leaderships each broker has. Immutable. */
final class ReplicaLoad {
    static final ReplicaLoad NONE = new ReplicaLoad(ClusterImage.EMPTY, Map.of(), Map.of());

    private final ClusterImage image;
    private final Map<Integer, Integer> replicas;
    private final Map<Integer, Integer> leaders;

    private ReplicaLoad(ClusterImage image, Map<Integer, Integer> replicas, Map<Integer, Integer> leaders) {
        this.image = image;
        this.replicas = replicas;
        this.leaders = leaders;
    }

    /** The load of a later image; costs what has changed since this one. */
    ReplicaLoad of(ClusterImage later) {
        if (later == image) {
            return this;
        }
        var next = new ReplicaLoad(later, new HashMap<>(replicas), new HashMap<>(leaders));
        later.deletedTopics(image).forEach(topic -> next.count(topic, -1));
        for (TopicImage topic : later.changedTopics(image)) {
            image.topic(topic.topicId()).ifPresent(before -> next.count(before, -1));
            next.count(topic, 1);
        }
        return next;
    }

    private void count(TopicImage topic, int times) {
        for (List<Integer> assigned : topic.assignment()) {
            leaders.merge(assigned.get(0), times, Integer::sum);
            assigned.forEach(broker -> replicas.merge(broker, times, Integer::sum));
        }
    }

    int replicas(int broker) {
        return replicas.getOrDefault(broker, 0);
    }

    int leaders(int broker) {
        return leaders.getOrDefault(broker, 0);
    }
}
