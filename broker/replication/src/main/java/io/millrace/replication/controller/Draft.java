package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ClusterImageEditor;
import io.millrace.metadata.MetadataChange;
import io.millrace.metadata.PartitionAssignment;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.replication.controller.ReassignmentRules.Moved;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The cluster as it would be after the decisions of one round, and what must be committed for that. Decisions see those before them;
 * several changes of one topic become one.
 *
 * <p>Owned by the controller's loop.
 */
final class Draft {
    private static final System.Logger LOGGER = System.getLogger(Draft.class.getName());

    private final ClusterImage before;
    private final ClusterImageEditor editor;
    private final Set<UUID> touched = new LinkedHashSet<>();
    private final Set<UUID> reconfigured = new LinkedHashSet<>();
    private final Set<UUID> subscribed = new LinkedHashSet<>();
    private final Map<UUID, Map<Integer, PartitionState>> partitions = new LinkedHashMap<>();
    private final Set<SettingsScope> changedSettings = new LinkedHashSet<>();
    private final Map<UUID, Map<Integer, PartitionAssignment>> moved = new HashMap<>();

    Draft(ClusterImage before) {
        this.before = before;
        this.editor = new ClusterImageEditor(before);
    }

    ClusterImage image() {
        return editor.image();
    }

    void create(TopicImage topic) {
        touched.add(topic.topicId());
        editor.put(topic);
    }

    void delete(TopicImage topic) {
        touched.add(topic.topicId());
        editor.remove(topic.topicId());
    }

    void reconfigure(TopicImage topic, Map<String, String> configuration) {
        touched.add(topic.topicId());
        reconfigured.add(topic.topicId());
        editor.apply(new MetadataChange.ChangeConfiguration(topic.topicId(), configuration));
    }

    /** Changes the subscriptions of a topic; states that go with them are a change of their own, before it. */
    void subscribe(UUID topicId, TopicSubscriptions subscriptions) {
        touched.add(topicId);
        subscribed.add(topicId);
        editor.apply(new MetadataChange.ChangeSubscriptions(topicId, subscriptions, Map.of(), Map.of()));
    }

    void change(SettingsScope scope, Map<String, String> settings) {
        changedSettings.add(scope);
        editor.apply(new MetadataChange.ChangeSettings(scope, settings));
    }

    void change(UUID topicId, Map<Integer, PartitionState> states) {
        if (!states.isEmpty()) {
            editor.topic(topicId).ifPresent(topic -> tellUnclean(topic, states));
            touched.add(topicId);
            partitions.computeIfAbsent(topicId, id -> new HashMap<>()).putAll(states);
            editor.apply(new MetadataChange.ChangePartitions(topicId, states));
        }
    }

    private static void tellUnclean(TopicImage topic, Map<Integer, PartitionState> states) {
        states.forEach((index, after) -> topic.partition(index)
                .filter(state -> after.leaderEpoch() > state.leaderEpoch() && isUnclean(state, after))
                .ifPresent(state -> LOGGER.log(
                        Level.WARNING,
                        () -> "Broker " + after.leaderId() + " is elected to lead " + topic.name() + "-" + index
                                + " in epoch " + after.leaderEpoch()
                                + " although it need not have all committed records: what only "
                                + state.inSyncReplicas() + " and " + state.eligibleLeaderReplicas()
                                + " have is given up")));
    }

    private static boolean isUnclean(PartitionState state, PartitionState after) {
        return after.hasLeader()
                && !state.inSyncReplicas().contains(after.leaderId())
                && !state.eligibleLeaderReplicas().contains(after.leaderId());
    }

    /** Gives partitions of a topic, which may be new, other replicas, and the states that go with them. */
    void move(UUID topicId, Map<Integer, Moved> changed) {
        if (changed.isEmpty()) {
            return;
        }
        touched.add(topicId);
        var assignments = new HashMap<Integer, PartitionAssignment>();
        var states = new HashMap<Integer, PartitionState>();
        changed.forEach((partition, to) -> {
            assignments.put(partition, to.assignment());
            states.put(partition, to.state());
        });
        moved.computeIfAbsent(topicId, id -> new HashMap<>()).putAll(assignments);
        partitions.computeIfAbsent(topicId, id -> new HashMap<>()).putAll(states);
        editor.apply(new MetadataChange.ChangeAssignment(topicId, assignments, states));
    }

    List<MetadataChange> changes() {
        var changes = new ArrayList<MetadataChange>();
        changedSettings.forEach(
                scope -> changes.add(new MetadataChange.ChangeSettings(scope, image().settings(scope))));
        for (UUID topicId : touched) {
            Optional<TopicImage> now = editor.topic(topicId);
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

    /**
     * The brokers that the changes elect or add to in-sync replicas, as they were registered when the draft was begun: what they hold must still be
     * what it was then.
     */
    List<BrokerRegistration> trusted() {
        var ids = new TreeSet<Integer>();
        for (UUID topicId : touched) {
            editor.topic(topicId).ifPresent(now -> addTrusted(now, before.topic(topicId), ids));
        }
        // Nobody is elected or added who is not registered.
        return ids.stream().map(before.brokers()::get).filter(Objects::nonNull).toList();
    }

    private static void addTrusted(TopicImage now, Optional<TopicImage> earlier, Set<Integer> ids) {
        for (int index = 0; index < now.partitionCount(); index++) {
            addTrusted(now.partitions().get(index), known(earlier, index), ids);
        }
    }

    private static Optional<PartitionState> known(Optional<TopicImage> earlier, int index) {
        return earlier.flatMap(topic -> topic.partition(index));
    }

    private static void addTrusted(PartitionState after, Optional<PartitionState> known, Set<Integer> ids) {
        boolean isElected = known.isEmpty() || after.leaderEpoch() > known.get().leaderEpoch();
        if (isElected && after.hasLeader()) {
            ids.add(after.leaderId());
        }
        after.inSyncReplicas().stream()
                .filter(id -> known.isEmpty() || !known.get().inSyncReplicas().contains(id))
                .forEach(ids::add);
    }

    private void addChangesOf(TopicImage topic, List<MetadataChange> changes) {
        if (reconfigured.contains(topic.topicId())) {
            changes.add(new MetadataChange.ChangeConfiguration(topic.topicId(), topic.configuration()));
        }
        var changed = partitions.get(topic.topicId());
        var elsewhere = moved.get(topic.topicId());
        Map<Integer, PartitionState> states = changed == null ? Map.of() : changed;
        if (subscribed.contains(topic.topicId())) {
            changes.add(new MetadataChange.ChangeSubscriptions(
                    topic.topicId(), topic.subscriptions(), elsewhere == null ? Map.of() : elsewhere, states));
        } else if (elsewhere != null) {
            changes.add(new MetadataChange.ChangeAssignment(topic.topicId(), elsewhere, states));
        } else if (changed != null) {
            changes.add(new MetadataChange.ChangePartitions(topic.topicId(), changed));
        }
    }
}
