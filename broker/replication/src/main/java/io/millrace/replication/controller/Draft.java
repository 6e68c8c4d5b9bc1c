package io.millrace.replication.controller;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.MetadataChange;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The cluster as it would be after the decisions of one round, and what must be committed for that. Decisions see those before them;
 * several changes of one topic become one.
 *
 * <p>Owned by the controller's loop.
 */
final class Draft {
    private final ClusterImage before;
    private ClusterImage image;
    private final Set<UUID> touched = new LinkedHashSet<>();
    private final Set<UUID> reconfigured = new LinkedHashSet<>();
    private final Map<UUID, Map<Integer, PartitionState>> partitions = new LinkedHashMap<>();

    Draft(ClusterImage before) {
        this.before = before;
        this.image = before;
    }

    ClusterImage image() {
        return image;
    }

    void create(TopicImage topic) {
        touched.add(topic.topicId());
        image = image.withTopic(topic);
    }

    void delete(TopicImage topic) {
        touched.add(topic.topicId());
        image = image.withoutTopic(topic.topicId());
    }

    void reconfigure(TopicImage topic, Map<String, String> configuration) {
        touched.add(topic.topicId());
        reconfigured.add(topic.topicId());
        image = image.with(new MetadataChange.ChangeConfiguration(topic.topicId(), configuration));
    }

    void change(UUID topicId, Map<Integer, PartitionState> states) {
        if (!states.isEmpty()) {
            touched.add(topicId);
            partitions.computeIfAbsent(topicId, id -> new HashMap<>()).putAll(states);
            image = image.with(new MetadataChange.ChangePartitions(topicId, states));
        }
    }

    List<MetadataChange> changes() {
        var changes = new ArrayList<MetadataChange>();
        for (UUID topicId : touched) {
            Optional<TopicImage> now = image.topic(topicId);
            boolean existed = before.topic(topicId).isPresent();
            if (now.isEmpty()) {
                if (existed) {
                    changes.add(new MetadataChange.DeleteTopic(topicId));
                }
            } else if (!existed) {
                changes.add(new MetadataChange.CreateTopic(now.get()));
            } else {
                addChangesOf(now.get(), changes);
            }
        }
        return changes;
    }

    private void addChangesOf(TopicImage topic, List<MetadataChange> changes) {
        if (reconfigured.contains(topic.topicId())) {
            changes.add(new MetadataChange.ChangeConfiguration(topic.topicId(), topic.configuration()));
        }
        var changed = partitions.get(topic.topicId());
        if (changed != null) {
            changes.add(new MetadataChange.ChangePartitions(topic.topicId(), changed));
        }
    }
}
